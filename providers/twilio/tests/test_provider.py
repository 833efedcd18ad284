"""An account against a server that records what it is asked."""

import logging
import re
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from notify_twilio.provider_type import TWILIO

from notify_core.errors import ProviderUnavailable
from notify_core.model.outcome import Outcome, Reason, Scope
from notify_core.model.recipient import Phone
from notify_core.plugins import Plugins
from notify_core.secret import Secret

SID = "AC" + "a" * 32
TOKEN = "12345"  # noqa: S105 (of the tests)
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
CALLBACK = "https://n.example/webhooks/twilio/a-token-of-the-tests"
MESSAGE = "SM" + "a" * 32
CREATED = f'{{"sid": "{MESSAGE}", "status": "queued"}}'
KEY = {"api_key_sid": "SK" + "b" * 32, "api_key_secret": Secret("key-secret")}


def basic(user, password):
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"


def test_the_provider_type_is_found_through_its_entry_point():
    assert Plugins().provider_types["twilio"] is TWILIO


# Requests.


async def test_a_text_is_submitted_as_twilio_documents(
    account, vendor, submission, golden_form
):
    vendor.answers(CREATED)
    golden = golden_form("submit_text.form")
    to = Phone(golden["To"], "1", "US")

    await account().submit(submission(recipient=to, text=golden["Body"]))

    [asked] = vendor.asked
    assert asked.form == golden
    assert asked.method == "POST"
    assert asked.target == f"/2010-04-01/Accounts/{SID}/Messages.json"
    assert asked.content_type == "application/x-www-form-urlencoded"
    assert asked.authorization == basic(SID, TOKEN)


async def test_a_messaging_service_sends_by_its_sid(
    account, vendor, submission, golden_form
):
    vendor.answers(CREATED)
    golden = golden_form("submit_service.form")
    to = Phone(golden["To"], "1", "US")
    service = account(sender=golden["MessagingServiceSid"])

    await service.submit(submission(recipient=to, text=golden["Body"]))

    assert vendor.asked[0].form == golden


@pytest.mark.parametrize(
    ("sender", "field"), [("ACME", "From"), ("MG" + "c" * 32, "MessagingServiceSid")]
)
async def test_the_messages_sender_takes_the_place_of_the_accounts(
    account, vendor, submission, sender, field
):
    vendor.answers(CREATED)

    await account(sender="MG" + "a" * 32).submit(submission(sender=sender))

    form = vendor.asked[0].form
    assert set(form) == {"To", "Body", field}
    assert form[field] == sender


async def test_an_api_key_takes_the_place_of_the_auth_token(
    account, vendor, submission
):
    vendor.answers(CREATED)

    await account(**KEY).submit(submission())

    assert vendor.asked[0].authorization == basic(KEY["api_key_sid"], "key-secret")
    assert f"/Accounts/{SID}/" in vendor.asked[0].target


@pytest.mark.parametrize(
    ("url", "called"),
    [
        (CALLBACK, f"{CALLBACK}?reference=01K%26"),
        (f"{CALLBACK}?x=1", f"{CALLBACK}?x=1&reference=01K%26"),
    ],
)
async def test_twilio_is_told_where_to_push_and_our_reference_with_it(
    account, vendor, submission, url, called
):
    vendor.answers(CREATED)

    await account(url).submit(submission(reference="01K&"))

    assert vendor.asked[0].form["StatusCallback"] == called


async def test_options_of_the_message_become_parameters(account, vendor, submission):
    vendor.answers(CREATED)
    extra = {"validity_period": 300, "smart_encoded": True, "risk_check": "disable"}

    await account().submit(submission(extra=extra))

    form = vendor.asked[0].form
    assert form["ValidityPeriod"] == "300"
    assert form["SmartEncoded"] == "true"
    assert form["RiskCheck"] == "disable"


async def test_signs_of_the_form_itself_survive_in_a_text(account, vendor, submission):
    vendor.answers(CREATED)
    text = "a+b & c=d 100%\r\n👋"

    await account().submit(submission(text=text))

    assert vendor.asked[0].form["Body"] == text
    assert re.fullmatch(r"[\w.%+&=*-]+", vendor.asked[0].raw, re.ASCII)


async def test_a_base_url_may_have_a_path_of_its_own(account, vendor, submission):
    vendor.answers(CREATED)

    await account(base_url=f"{vendor.url}/gateway/").submit(submission())

    assert vendor.asked[0].target.startswith("/gateway/2010-04-01/Accounts/")


# Answers.


async def test_a_created_message_is_accepted_with_its_sid(
    account, vendor, submission, golden
):
    vendor.answers(golden("submit_accepted.json"))

    answer = await account().submit(submission())

    assert (answer.outcome, answer.reason) == (Outcome.ACCEPTED, Reason.NONE)
    assert (answer.code, answer.text) == ("201", "queued")
    assert answer.provider_id == MESSAGE


async def test_a_refusal_keeps_the_code_and_the_words(
    account, vendor, submission, golden
):
    vendor.answers(golden("submit_refused.json"), status=400)

    answer = await account().submit(submission())

    assert (answer.outcome, answer.reason) == (Outcome.REJECTED, Reason.INVALID_REQUEST)
    assert (answer.code, answer.text) == ("21603", "A 'From' phone number is required.")
    assert answer.provider_id is None


async def test_wrong_credentials_are_told_with_what_to_do(
    account, vendor, submission, golden
):
    vendor.answers(golden("submit_unauthorized.json"), status=401)

    answer = await account().submit(submission())

    assert answer.reason is Reason.AUTH_FAILED
    assert answer.text == (
        "Authenticate (check the account SID with its auth token, or the API key)"
    )


async def test_a_refusal_without_words_has_the_dictionarys(account, vendor, submission):
    vendor.answers('{"code": 21610, "status": 400}', status=400)

    answer = await account().submit(submission())

    assert answer.reason is Reason.RECIPIENT_OPTED_OUT
    assert answer.text == "Attempt to send to unsubscribed recipient"


async def test_a_sender_that_is_nobodys_concerns_the_unit(account, vendor, submission):
    vendor.refuses(21660)

    answer = await account().submit(submission())

    assert (answer.reason, answer.scope) == (Reason.SENDER_REJECTED, Scope.UNIT)


async def test_too_many_requests_wait_as_long_as_twilio_says(
    account, vendor, submission
):
    vendor.refuses(20429, 429, retry_after="7")

    answer = await account().submit(submission())

    assert (answer.outcome, answer.reason) == (Outcome.REJECTED, Reason.THROTTLED)
    assert answer.retry_at == NOW + timedelta(seconds=7)


async def test_too_many_requests_without_a_time_have_none(account, vendor, submission):
    vendor.refuses(20429, 429)

    assert (await account().submit(submission())).retry_at is None


@pytest.mark.parametrize(
    ("status", "body", "outcome", "reason"),
    [
        (200, "<html>ok</html>", Outcome.UNKNOWN, Reason.NO_RESPONSE),
        (201, '{"status": "queued"}', Outcome.UNKNOWN, Reason.NO_RESPONSE),
        (
            201,
            '{"sid": "CA1", "status": "queued"}',
            Outcome.UNKNOWN,
            Reason.NO_RESPONSE,
        ),
        (200, '{"code": 21610}', Outcome.UNKNOWN, Reason.NO_RESPONSE),
        (200, CREATED, Outcome.ACCEPTED, Reason.NONE),
        (400, '{"code": 400}', Outcome.REJECTED, Reason.UNMAPPED),
        (403, '{"code": "20403"}', Outcome.REJECTED, Reason.ACCESS_DENIED),
        (408, "", Outcome.UNKNOWN, Reason.NO_RESPONSE),
        (429, "slow down", Outcome.REJECTED, Reason.THROTTLED),
        (500, '{"code": 20500, "status": 500}', Outcome.UNKNOWN, Reason.SERVER_ERROR),
        (503, '{"code": 20503, "status": 503}', Outcome.UNKNOWN, Reason.SERVER_ERROR),
        (502, '{"code": 21610}', Outcome.UNKNOWN, Reason.NO_RESPONSE),
    ],
)
async def test_only_what_twilio_documents_is_taken_for_its_answer(
    account, vendor, submission, status, body, outcome, reason
):
    vendor.answers(body, status=status)

    answer = await account().submit(submission())

    assert (answer.outcome, answer.reason) == (outcome, reason)


# Balance.


async def test_the_balance_is_asked_by_get_and_has_its_currency(
    account, vendor, golden
):
    vendor.answers(golden("balance.json"), status=200)

    balance = await account().balance()

    assert (balance.amount, balance.unit) == (Decimal("0.05"), "USD")
    [asked] = vendor.asked
    assert asked.method == "GET"
    assert asked.target == f"/2010-04-01/Accounts/{SID}/Balance.json"
    assert asked.authorization == basic(SID, TOKEN)


async def test_a_balance_below_zero_is_read(account, vendor):
    vendor.answers('{"balance": "-1.5", "currency": "eur"}', status=200)

    balance = await account().balance()

    assert (balance.amount, balance.unit) == (Decimal("-1.5"), "EUR")


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (
            401,
            '{"code": 20003, "message": "Authenticate"}',
            "refused with 20003 Authen",
        ),
        (403, '{"code": 20011, "message": ""}', "refused with 20011"),
        (200, '{"currency": "USD"}', "no `balance` with a `currency`"),
        (200, '{"balance": "NaN", "currency": "USD"}', "no `balance`"),
        (200, '{"balance": "1", "currency": null}', "no `balance`"),
        (200, "[]", "HTTP 200 with an answer"),
        (302, "", "HTTP 302"),
        (200, " " * 1024 * 1024 + "{}", "the answer is longer than 1 MiB"),
    ],
)
async def test_a_balance_that_is_not_told_says_why(account, vendor, status, body, why):
    vendor.answers(body, status=status)

    with pytest.raises(ProviderUnavailable, match=re.escape(why)) as error:
        await account().balance()

    assert "'twilio-test'" in str(error.value)


async def test_a_balance_from_nobody_says_that_nobody_is_there(account):
    with pytest.raises(ProviderUnavailable, match="balance: not connected"):
        await account(base_url="http://127.0.0.1:1").balance()


# The end.


async def test_closing_leaves_the_given_session_open(account, vendor, submission):
    vendor.answers(CREATED)
    provider = account()

    await provider.aclose()

    assert (await provider.submit(submission())).outcome is Outcome.ACCEPTED


async def test_no_repr_log_or_error_shows_a_secret_a_number_or_a_text(
    account, vendor, submission, caplog
):
    caplog.set_level(logging.DEBUG)
    shown = []
    for given in ({}, KEY):
        for status, body in ((201, CREATED), (401, '{"code":20003}'), (500, "[")):
            vendor.answers(body, status=status)
            provider = account(CALLBACK, **given)
            shown += [repr(provider), str(await provider.submit(submission()))]
    for base_url in (vendor.url, "http://127.0.0.1:1"):
        with pytest.raises(ProviderUnavailable) as error:
            await account(base_url=base_url).balance()
        shown += [repr(error.value), repr(error.value.__cause__)]

    everything = "\n".join([*shown, caplog.text, repr(submission())])
    for hidden in (TOKEN, "key-secret", "a-token-of-the-tests", "4155552671", "2546"):
        assert hidden not in everything
