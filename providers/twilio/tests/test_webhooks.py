"""Status callbacks and incoming messages, and what is neither."""

import json
from contextlib import suppress
from hashlib import sha256

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from notify_twilio.signatures import HEADER, signature
from notify_twilio.webhooks import callback_with, parse_push

from notify_core.errors import WebhookRejected
from notify_core.model.outcome import Reason
from notify_core.model.receipt import InboundMessage, Receipt
from notify_core.model.status import AttemptState
from notify_core.model.webhook import WebhookRefusal, WebhookRequest
from notify_core.secret import Secret

SID = "AC" + "a" * 32
TOKEN = "12345"  # noqa: S105 (of the tests)
CALLBACK = "https://n.example/webhooks/twilio/a-token-of-the-tests"
MESSAGE = "SM1342fe1b2c904d1ab04f0fc7a58abca9"
TOKENS = (Secret(TOKEN),)
STATUS = {"AccountSid": SID, "MessageSid": MESSAGE, "To": "+14155552671"}


@pytest.fixture
def event(signed):
    """Read the one event of a genuine push."""

    def read(form, url=CALLBACK):
        [only] = parse_push(signed(form, url), TOKENS).events
        return only

    return read


def refused(request, tokens=TOKENS):
    with pytest.raises(WebhookRejected) as rejected:
        parse_push(request, tokens)
    return rejected.value


# What they say.


def test_the_callback_of_twilios_guide_is_read(event, golden_form):
    told = event(golden_form("callback_sent.form"))

    assert told == Receipt(state=AttemptState.SENT, provider_id=MESSAGE, code="sent")


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("accepted", AttemptState.ACCEPTED),
        ("queued", AttemptState.ACCEPTED),
        ("sending", AttemptState.ACCEPTED),
        ("sent", AttemptState.SENT),
        ("delivered", AttemptState.DELIVERED),
        ("read", AttemptState.DELIVERED),
    ],
)
def test_each_status_is_a_state(event, status, state):
    told = event(STATUS | {"MessageStatus": status})

    assert (told.state, told.reason) == (state, Reason.NONE)
    assert told.recipient == "+14155552671"


@pytest.mark.parametrize(
    ("status", "code", "state", "reason"),
    [
        ("undelivered", "30003", "undelivered", Reason.RECIPIENT_UNREACHABLE),
        ("undelivered", "30007", "undelivered", Reason.CONTENT_REJECTED),
        ("failed", "21610", "undelivered", Reason.RECIPIENT_OPTED_OUT),
        ("failed", "30036", "expired", Reason.EXPIRED),
        ("undelivered", "39999", "undelivered", Reason.UNMAPPED),
        ("failed", "", "undelivered", Reason.CARRIER_REJECTED),
        ("delivered", "30018", "delivered", Reason.NONE),  # a warning, no failure
    ],
)
def test_a_failure_has_the_reason_of_its_code(event, status, code, state, reason):
    told = event(STATUS | {"MessageStatus": status, "ErrorCode": code})

    assert (told.state, told.reason) == (AttemptState(state), reason)
    assert told.code == (code or status)


def test_a_failure_has_the_dictionarys_words(event):
    told = event(STATUS | {"MessageStatus": "undelivered", "ErrorCode": "30003"})

    assert told.text == "Unreachable destination handset"


def test_a_time_without_a_zone_is_not_taken_for_one(event):
    done = {"MessageStatus": "delivered", "RawDlrDoneDate": "2601011200"}

    assert event(STATUS | done).at is None


def test_our_reference_comes_back_with_the_address(event):
    url = callback_with(CALLBACK, "01K&=?")

    told = event(STATUS | {"MessageStatus": "sent"}, url)

    assert told.reference == "01K&=?"


@pytest.mark.parametrize("status", ["scheduled", "canceled", "partially_delivered"])
def test_a_status_that_calls_for_nothing_is_acknowledged(signed, status):
    push = parse_push(signed(STATUS | {"MessageStatus": status}), TOKENS)

    assert push.events == ()
    assert push.reply.status == 200


def test_an_incoming_message_is_read(event, golden_form):
    told = event(golden_form("incoming.form"))

    assert told == InboundMessage(
        sender="+14017122661",
        text="Ahoy! We can't wait to see what you build.",
        provider_id="SMaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
    )


def test_white_space_around_a_text_is_signed_and_kept(event, golden_form):
    told = event({**golden_form("incoming.form"), "Body": " yes \r\n"})

    assert told.text == " yes \r\n"


@pytest.mark.parametrize("sender", ["89887", "ACME", "whatsapp:+14017122661"])
def test_a_message_from_no_phone_number_calls_for_nothing(signed, golden_form, sender):
    push = parse_push(signed({**golden_form("incoming.form"), "From": sender}), TOKENS)

    assert push.events == ()
    assert push.reply.status == 200


def test_a_status_callback_wants_an_empty_200(signed, golden_form):
    reply = parse_push(signed(golden_form("callback_sent.form")), TOKENS).reply

    assert (reply.status, reply.body) == (200, b"")


def test_an_incoming_message_wants_twiml_that_sends_nothing(signed, golden_form):
    reply = parse_push(signed(golden_form("incoming.form")), TOKENS).reply

    assert reply.status == 200
    assert reply.body.endswith(b"<Response></Response>")
    assert reply.content_type.startswith("text/xml")


# Who says it.


def test_a_push_without_or_with_a_wrong_signature_is_refused(signed, golden_form):
    genuine = signed(golden_form("callback_sent.form"))
    unsigned = attrs.evolve(genuine, headers={})
    forged = signed(golden_form("callback_sent.form"), token="guessed")  # noqa: S106 (none)

    for request in (unsigned, forged):
        error = refused(request)
        assert error.refusal is WebhookRefusal.BAD_SIGNATURE
        assert "check auth_token and webhook.public_url" in str(error)


@pytest.mark.parametrize(
    "change",
    [
        {"url": CALLBACK + "?reference=another"},
        {"url": "https://evil.example/webhooks/twilio"},
        {"body": b"MessageStatus=delivered&MessageSid=SM1"},
    ],
)
def test_another_address_or_body_than_the_signed_one_is_refused(
    signed, golden_form, change
):
    genuine = signed(golden_form("callback_sent.form"))

    error = refused(attrs.evolve(genuine, **change))

    assert error.refusal is WebhookRefusal.BAD_SIGNATURE


def test_an_account_without_an_auth_token_takes_nothing(signed, golden_form):
    request = signed(golden_form("callback_sent.form"), token="")

    assert refused(request, ()).refusal is WebhookRefusal.BAD_SIGNATURE


async def test_both_auth_tokens_open_while_one_replaces_the_other(
    account, signed, golden_form
):
    provider = account(secondary_auth_token=Secret("the-next"))
    form = golden_form("callback_sent.form")

    for token in (TOKEN, "the-next"):
        assert provider.parse_webhook(signed(form, token=token)).events


def json_push(told, *, hashed=None):
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    url = f"{CALLBACK}?bodySHA256={hashed or sha256(body).hexdigest()}"
    headers = {"Content-Type": "application/json", HEADER: signature(TOKEN, url)}
    return WebhookRequest(url=url, headers=headers, body=body)


def test_a_json_push_is_verified_by_its_hash():
    request = json_push(STATUS | {"MessageStatus": "sent", "Retries": 0})

    [told] = parse_push(request, TOKENS).events

    assert told.state is AttemptState.SENT


def test_a_json_push_with_another_body_is_refused():
    request = json_push(STATUS, hashed="0" * 64)
    swapped = attrs.evolve(json_push({"Body": "a"}), body=b'{"Body": "b"}')

    for forged in (request, swapped):
        assert refused(forged).refusal is WebhookRefusal.BAD_SIGNATURE


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"[" * 100_000])
def test_a_signed_json_push_that_is_no_object_is_malformed(body):
    assert refused(json_push(body)).refusal is WebhookRefusal.MALFORMED


def test_an_incoming_message_by_get_is_verified_by_its_address():
    url = f"{CALLBACK}?Body=hi&From=%2B14155552671&MessageSid={MESSAGE}"
    headers = {HEADER: signature(TOKEN, url)}
    request = WebhookRequest(method="GET", url=url, headers=headers)

    [told] = parse_push(request, TOKENS).events

    assert (told.sender, told.text) == ("+14155552671", "hi")
    forged = attrs.evolve(request, url=url.replace("Body=hi", "Body=ho"))
    assert refused(forged).refusal is WebhookRefusal.BAD_SIGNATURE


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({}, "neither MessageStatus nor Body"),
        ({"CallSid": "CA1"}, "neither MessageStatus nor Body"),
        ({"MessageStatus": "sent"}, "lacks MessageSid"),
        ({"Body": "hi", "MessageSid": MESSAGE}, "lacks From"),
        ({"Body": "hi", "From": "+14155552671"}, "lacks MessageSid"),
    ],
)
def test_what_twilio_signed_and_nobody_knows_is_malformed(signed, form, why):
    error = refused(signed(form))

    assert error.refusal is WebhookRefusal.MALFORMED
    assert why in str(error)


def test_hundreds_of_fields_are_refused(signed):
    form = {f"f{number}": "1" for number in range(300)}

    assert refused(signed(form)).refusal is WebhookRefusal.MALFORMED


@given(st.binary(max_size=200), st.sampled_from(["GET", "POST", "PUT"]))
def test_any_bytes_are_refused(body, method):
    request = WebhookRequest(
        method=method, url=CALLBACK, headers={HEADER: "x"}, body=body
    )

    with suppress(WebhookRejected):
        raise AssertionError(parse_push(request, TOKENS))


def test_a_refused_push_does_not_show_the_number_or_the_text(signed):
    error = refused(signed({"Body": "my PIN is 1234", "From": "+14155552671"}))

    assert "4155552671" not in str(error)
    assert "1234" not in str(error)
