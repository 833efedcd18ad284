"""The contract for providers: a good one passes, and each broken rule is found."""

import asyncio
import inspect
import json
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from yarl import URL

from notify_core.errors import WebhookRejected
from notify_core.http import HttpResponse, new_session
from notify_core.model.attempt import Answer
from notify_core.model.channel import Channel
from notify_core.model.outcome import Outcome, Reason, Scope
from notify_core.model.receipt import Balance, Receipt
from notify_core.model.status import AttemptState
from notify_core.model.webhook import Push, WebhookRefusal, WebhookReply, WebhookRequest
from notify_core.provider import (
    Account,
    Capabilities,
    Code,
    Provider,
    ProviderType,
    QueryMode,
    ReceiptMode,
    Submission,
    TextMode,
    coded_answer,
)
from notify_core.secret import Secret
from notify_core.testing import FaultServer, HttpAnswer, HttpProviderContract
from notify_core.testing.wire_table import FAULTS
from notify_core.transmission import ProviderUnavailable, RequestLost, Timeouts, Wire

# A vendor, and a provider that does it justice.


def tomorrow(now: datetime) -> datetime:
    return now + timedelta(days=1)


CODES = {
    "ok": Code(reason=Reason.NONE, text="accepted"),
    "key": Code(reason=Reason.AUTH_FAILED, text="no such key"),
    "cap": Code(
        reason=Reason.RECIPIENT_RATE_LIMITED, text="enough for today", retry_at=tomorrow
    ),
    "sig": Code(reason=Reason.SENDER_REJECTED, scope=Scope.UNIT, text="no such sender"),
}


#: What reading a push of another shape may raise.
_ODD = (ValueError, LookupError, TypeError, OverflowError, RecursionError)


class Acme:
    """A provider that keeps the contract."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.url = URL(account.settings["base_url"])
        self.token: Secret = account.settings["token"]

    async def submit(self, submission: Submission) -> Answer:
        return await self.send(submission, submission.wire)

    async def send(self, submission: Submission, wire: Wire) -> Answer:
        told = {"to": submission.recipient.address, "text": submission.text}
        return await self.account.http.submit(
            self.url / "send",
            json.dumps(told).encode(),
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.token.reveal()}"},
            timeouts=submission.timeouts,
            wire=wire,
            read=self.read,
        )

    def read(self, response: HttpResponse) -> Answer | None:
        told = response.json_object() or {}
        code, number = told.get("code"), told.get("id")
        if not isinstance(code, str):
            return None
        return coded_answer(
            CODES.get(code), code, text=None, provider_id=number, now=self.account.now()
        )

    async def balance(self) -> Balance:
        try:
            response = await self.account.http.post(
                self.url / "left", b"", content_type="text/plain", timeouts=Timeouts()
            )
        except RequestLost as lost:
            raise ProviderUnavailable(str(lost)) from lost
        left = (response.json_object() or {}).get("left")
        if not isinstance(left, int):
            raise ProviderUnavailable(f"HTTP {response.status} without a number")
        return Balance(amount=Decimal(left), unit="messages")

    def parse_webhook(self, request: WebhookRequest) -> Push:
        try:
            event = self.receipt(json.loads(request.body))
        except _ODD as error:
            why = "no receipt"
            raise WebhookRejected(WebhookRefusal.MALFORMED, why) from error
        return Push(events=(event,), reply=WebhookReply())

    def receipt(self, told: Mapping[str, Any]) -> Receipt:
        return Receipt(
            state=AttemptState(told["state"]),
            provider_id=told["id"],
            recipient=f"+{int(told['to'])}",
            at=datetime.fromtimestamp(told["at"], UTC),
        )

    async def aclose(self) -> None:
        """Release nothing."""


SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "base_url": {"type": "string"},
        "token": {"type": "string", "minLength": 1, "writeOnly": True},
        "region": {"type": "string", "default": "CN"},
    },
    "required": ["base_url", "token"],
    "additionalProperties": False,
}
CAPABILITIES = Capabilities(
    channels=frozenset({Channel.SMS}),
    text=TextMode.FREE,
    receipts=ReceiptMode.PUSH,
    balance=True,
)
ACME = ProviderType(
    name="acme",
    summary="A vendor of the tests.",
    capabilities=CAPABILITIES,
    settings_schema=SCHEMA,
    create=Acme,
    account_key=lambda settings: str(settings["region"]),
    codes=CODES,
)


class TestAcme(HttpProviderContract):
    provider_type = ACME
    balance_answer = HttpAnswer(body=b'{"left": 5}')
    pushes = (
        b'{"state": "delivered", "id": "1", "to": "8613800138000", "at": 1767268800}',
    )

    def settings(self, base_url: str) -> Mapping[str, Any]:
        return {"base_url": base_url, "token": Secret("t0ken-of-the-tests")}

    def answer(self, code: str) -> HttpAnswer:
        return HttpAnswer(body=json.dumps({"code": code, "id": "1"}).encode())


class Plain:
    """A provider of a vendor that answers 201 with an id, and does nothing else."""

    def __init__(self, account: Account) -> None:
        self.account = account

    async def submit(self, submission: Submission) -> Answer:
        return await self.account.http.submit(
            URL(self.account.settings["base_url"]),
            json.dumps({"to": submission.recipient.address}).encode(),
            content_type="application/json",
            timeouts=submission.timeouts,
            wire=submission.wire,
            read=self.read,
        )

    def read(self, response: HttpResponse) -> Answer | None:
        number = (response.json_object() or {}).get("id")
        if response.status != 201 or not isinstance(number, str):
            return None
        return Answer(outcome=Outcome.ACCEPTED, provider_id=number)

    async def aclose(self) -> None:
        """Release nothing."""


class TestPlain(HttpProviderContract):
    """A vendor without codes, balance and pushes keeps the contract too."""

    provider_type = ProviderType(
        name="plain",
        summary="A vendor of the tests that can do little.",
        capabilities=Capabilities(
            channels=frozenset({Channel.WEBHOOK}), text=TextMode.NONE, templates=True
        ),
        settings_schema={
            "type": "object",
            "properties": {"base_url": {"type": "string"}},
        },
        create=Plain,
        account_key=lambda settings: str(settings["base_url"]),
    )

    def settings(self, base_url: str) -> Mapping[str, Any]:
        return {"base_url": base_url}

    def answer(self, code: str) -> HttpAnswer:
        return HttpAnswer(status=201, body=b'{"id": "1"}')


# What goes wrong at work.


class Unwritten(Acme):
    """Does not say that it wrote."""

    async def submit(self, submission: Submission) -> Answer:
        return await self.send(submission, Wire())


class Hasty(Acme):
    """Says that it wrote before it could."""

    async def submit(self, submission: Submission) -> Answer:
        submission.wire.begin()
        return await self.send(submission, Wire())


class Repeating(Acme):
    """Tries again by itself."""

    async def submit(self, submission: Submission) -> Answer:
        first = await self.send(submission, submission.wire)
        lost = first.outcome is Outcome.UNKNOWN
        return await self.send(submission, Wire()) if lost else first


class Raising(Acme):
    """Lets the wire's exceptions out."""

    async def submit(self, submission: Submission) -> Answer:
        answer = await self.send(submission, submission.wire)
        if answer.outcome is Outcome.UNKNOWN:
            raise ConnectionError(answer.text)
        return answer


class Sharing(Acme):
    """Keeps what it is sending where the next submission overwrites it."""

    async def submit(self, submission: Submission) -> Answer:
        self.current = submission
        await asyncio.sleep(0)
        return await self.send(self.current, Wire())


class Confused(Sharing):
    """Notes the writing with whichever submission came last."""

    async def submit(self, submission: Submission) -> Answer:
        self.current = submission
        await asyncio.sleep(0)
        if not self.current.wire.begun:
            self.current.wire.begin()
        return await self.send(submission, Wire())


class Swallowing(Acme):
    """Makes an answer of a cancellation."""

    async def submit(self, submission: Submission) -> Answer:
        try:
            return await self.send(submission, submission.wire)
        except asyncio.CancelledError:
            return Answer(outcome=Outcome.UNKNOWN, reason=Reason.INTERRUPTED)


class Connecting(Acme):
    """Opens a session for each message."""

    async def submit(self, submission: Submission) -> Answer:
        async with new_session() as session:
            self.account.http._session = session
            return await self.send(submission, submission.wire)


class Remembering(Acme):
    """Answers the second message as the first, without sending it."""

    first: Answer | None = None

    async def submit(self, submission: Submission) -> Answer:
        self.first = self.first or await self.send(submission, submission.wire)
        return self.first


class Talking(Acme):
    """Logs what it sends."""

    async def submit(self, submission: Submission) -> Answer:
        logging.getLogger("acme").debug("to %s", submission.recipient.address)
        return await self.send(submission, submission.wire)


class Telling(Acme):
    """Shows its key."""

    def __repr__(self) -> str:
        return f"Acme({self.token.reveal()})"


class Quoting(Acme):
    """Puts the number into the answer."""

    async def submit(self, submission: Submission) -> Answer:
        answer = await self.send(submission, submission.wire)
        return attrs.evolve(answer, text=f"no route to {submission.recipient.address}")


class Possessive(Acme):
    """Closes a session that is not its own."""

    async def aclose(self) -> None:
        await self.account.http._session.close()


class ClosedOnce(Acme):
    """Cannot be closed twice."""

    async def aclose(self) -> None:
        del self.token


# What goes wrong with answers.


class Deaf(Acme):
    """Understands nothing."""

    def read(self, response: HttpResponse) -> Answer | None:
        return None


class Optimistic(Acme):
    """Takes any 2xx for yes."""

    def read(self, response: HttpResponse) -> Answer | None:
        good = response.status == 200
        return super().read(response) or (
            Answer(outcome=Outcome.ACCEPTED) if good else None
        )


class Trusting(Acme):
    """Expects what is documented."""

    def read(self, response: HttpResponse) -> Answer | None:
        code = json.loads(response.body)["code"]
        return coded_answer(CODES.get(code), code, text=None, now=self.account.now())


class Strict(Acme):
    """Knows only the codes of its table."""

    def read(self, response: HttpResponse) -> Answer | None:
        answer = super().read(response)
        if answer is None:
            return None
        return attrs.evolve(answer, reason=CODES[answer.code or ""].reason)


class Delaying(Acme):
    def read(self, response: HttpResponse) -> Answer | None:
        answer = super().read(response)
        if answer is None or answer.retry_at is None:
            return answer
        return attrs.evolve(answer, retry_at=self.later(answer.retry_at))

    def later(self, at: datetime) -> datetime:
        return at + timedelta(hours=1)


class Zoneless(Delaying):
    def later(self, at: datetime) -> datetime:
        return at.replace(tzinfo=None)


def changing(**changes: Any) -> type[Acme]:
    """Make a provider whose refusals have another field."""

    class Changing(Acme):
        def read(self, response: HttpResponse) -> Answer | None:
            answer = super().read(response)
            if answer is None or answer.outcome is Outcome.ACCEPTED:
                return answer
            return attrs.evolve(answer, **changes)

    return Changing


# What goes wrong with questions and pushes.


class Imprecise(Acme):
    async def balance(self) -> Balance:
        return Balance(amount=5.0, unit="messages")  # type: ignore[arg-type]


class Surprised(Acme):
    """Expects that a balance is always told."""

    async def balance(self) -> Balance:
        response = await self.account.http.post(
            self.url, b"", content_type="text/plain", timeouts=Timeouts()
        )
        return Balance(amount=Decimal(json.loads(response.body)["left"]), unit="EUR")


class Indiscreet(Acme):
    """Shows the key where a question failed."""

    async def balance(self) -> Balance:
        try:
            return await super().balance()
        except ProviderUnavailable:
            raise ProviderUnavailable(f"with {self.token.reveal()}") from None


class Unpushed(Acme):
    """Lacks the method that its capabilities promise."""

    parse_webhook = None  # type: ignore[assignment]


class Naive(Acme):
    def receipt(self, told: Mapping[str, Any]) -> Receipt:
        return attrs.evolve(super().receipt(told), at=datetime(2026, 1, 1))


class Local(Acme):
    def receipt(self, told: Mapping[str, Any]) -> Receipt:
        return attrs.evolve(super().receipt(told), recipient=told["to"])


class Closed(Acme):
    def receipt(self, told: Mapping[str, Any]) -> Receipt:
        if len(told) > 4:
            raise ValueError("an unknown field")
        return super().receipt(told)


class Lenient(Acme):
    def parse_webhook(self, request: WebhookRequest) -> Push:
        try:
            return super().parse_webhook(request)
        except WebhookRejected:
            return Push(events=(), reply=WebhookReply())


class Brittle(Acme):
    def parse_webhook(self, request: WebhookRequest) -> Push:
        try:
            told = json.loads(request.body)
        except (ValueError, RecursionError) as error:
            raise WebhookRejected(WebhookRefusal.MALFORMED, "no JSON") from error
        if not isinstance(told, dict):
            raise WebhookRejected(WebhookRefusal.MALFORMED, "no object")
        return Push(events=(self.receipt(told),), reply=WebhookReply())


class Gossiping(Acme):
    def parse_webhook(self, request: WebhookRequest) -> Push:
        try:
            return super().parse_webhook(request)
        except WebhookRejected as refused:
            refused.args = (f"{refused} for +8613800138000",)
            raise


class Punctual(Acme):
    """Compares the clock that it was given with the machine's."""

    async def submit(self, submission: Submission) -> Answer:
        if abs(self.account.now() - datetime.now(UTC)) > timedelta(hours=1):
            return Answer(outcome=Outcome.REJECTED, reason=Reason.AUTH_FAILED)
        return await super().submit(submission)


class Forgetful(Acme):
    """Takes each push for a replay after the first."""

    def parse_webhook(self, request: WebhookRequest) -> Push:
        if request.body in seen_bodies:
            raise WebhookRejected(WebhookRefusal.BAD_SIGNATURE, "seen before")
        seen_bodies.add(request.body)
        return super().parse_webhook(request)


#: What `Forgetful` has read; emptied with each account.
seen_bodies: set[bytes] = set()


def forgetful(account: Account) -> Provider:
    seen_bodies.clear()
    return Forgetful(account)


SIGNED = WebhookRequest(
    url="https://n.example/webhooks/acme/token?a=1",
    headers={"X-Signature": "abcdef"},
    body=b'{"state": "delivered", "id": "1", "to": "8613800138000", "at": 1767268800}',
)

# The rules, and what breaks each.

Contract = type[HttpProviderContract]


def declaring(**facts: Any) -> Contract:
    """Make the contract of a type that declares something else."""
    changed = attrs.evolve(ACME, **facts)
    return type("Broken", (TestAcme,), {"provider_type": changed})


def made(create: Callable[[Account], Provider]) -> Contract:
    return declaring(create=create)


def able(**changes: Any) -> Contract:
    return declaring(capabilities=attrs.evolve(CAPABILITIES, **changes))


def account_able(**changes: Any) -> Contract:
    changed = attrs.evolve(CAPABILITIES, **changes)
    return declaring(account_capabilities=lambda _: changed)


def schema(**keywords: Any) -> Contract:
    return declaring(settings_schema={**SCHEMA, **keywords})


def setting(name: str, **about: Any) -> Contract:
    return schema(properties={**SCHEMA["properties"], name: about})


def meaning(**changes: Any) -> Contract:
    odd = attrs.evolve(Code(reason=Reason.THROTTLED, text=""), **changes)
    return declaring(codes={**CODES, "odd": odd})


def supplied(**attributes: Any) -> Contract:
    return type("Broken", (TestAcme,), attributes)


#: By rule: what is wrong, and the contract of a type that is wrong in this way. Where
#: the provider's own exception ends the test, that is named too.
BROKEN: dict[str, dict[str, Contract | tuple[Contract, type[BaseException]]]] = {
    "test_the_name_is_a_word_that_nobody_else_has": {
        "a space in the name": declaring(name="Acme SMS"),
        "no summary": declaring(summary=""),
        "a summary of two lines": declaring(summary="two\nlines"),
    },
    "test_the_capabilities_agree_with_each_other": {
        "no channel": able(channels=frozenset()),
        "neither text nor template": able(text=TextMode.NONE),
        "polls without a query": able(receipts=ReceiptMode.POLL),
        "matches what never comes": able(
            receipts=ReceiptMode.NONE, receipt_match_recipient=True
        ),
        "names a free sender": able(sender_name="Acme"),
        "an account that cannot send": account_able(text=TextMode.NONE),
    },
    "test_an_account_can_do_no_more_than_its_type": {
        "channels": account_able(channels=frozenset(Channel)),
        "receipts": account_able(receipts=ReceiptMode.POLL),
        "query": account_able(query=QueryMode.REFERENCE),
        "templates": account_able(templates=True),
        "inbound": account_able(inbound=True),
    },
    "test_the_methods_are_those_that_the_capabilities_promise": {
        "a balance that is not declared": able(balance=False),
        "no query": able(query=QueryMode.RECIPIENT),
        "pushes that are not declared": able(receipts=ReceiptMode.NONE),
        "no reader of pushes": made(Unpushed),
    },
    "test_the_schemas_are_valid": {
        "settings": declaring(settings_schema={"type": "mapping"}),
        "extra": declaring(extra_schema={"properties": []}),
    },
    "test_the_defaults_are_valid": {
        "a number for a text": setting("region", type="string", default=86)
    },
    "test_junk_in_the_settings_is_refused": {
        "takes unknown settings": schema(additionalProperties=True),
        "requires what it has a default for": schema(required=["base_url", "region"]),
        "takes any value": setting("anything"),
    },
    "test_secrets_are_declared_and_an_empty_one_is_refused": {
        "not declared": setting("token", type="string", minLength=1)
    },
    "test_the_emulator_is_where_it_is_said_to_be": {
        "something else": declaring(emulator="builtins:dict"),
    },
    "test_the_account_key_is_stable_and_shows_no_secret": {
        "empty": declaring(account_key=lambda _: ""),
        "random": declaring(account_key=lambda _: secrets.token_hex()),
        "the token": declaring(account_key=lambda given: given["token"].reveal()),
    },
    "test_the_code_table_says_what_a_vendor_can_say": {
        "a reason of the core": meaning(reason=Reason.NO_RESPONSE),
        "a unit of nothing": meaning(reason=Reason.CONTENT_REJECTED, scope=Scope.UNIT),
        "a time without a zone": meaning(retry_at=lambda _: datetime(2030, 1, 1)),
        "a time in the past": meaning(retry_at=lambda now: now - timedelta(days=1)),
        "nothing accepted": declaring(codes={"key": CODES["key"]}),
    },
    "test_a_message_that_fits_is_not_refused": {
        "refuses": declaring(refuses=lambda *_: "too long"),
        "counts no part": declaring(segments=lambda *_: 0),
    },
    "test_a_submission_is_accepted_and_noted_as_written": {
        "not accepted": made(Deaf),
        "not noted": made(Unwritten),
    },
    "test_fifty_at_once_are_all_accepted": {
        "not accepted": made(Deaf),
        "noted for another": made(Confused),
    },
    "test_a_clock_that_is_off_is_the_vendors_to_refuse": {
        "refuses by itself": made(Punctual),
    },
    "test_nothing_shows_a_secret_or_a_person": {
        "the log": made(Talking),
        "the provider": made(Telling),
        "the answer": made(Quoting),
    },
    "test_closing_twice_is_harmless_and_leaves_the_session_open": {
        "closes the session": made(Possessive),
        "closes once": (made(ClosedOnce), AttributeError),
    },
    "test_there_is_an_example_of_what_is_pushed": {"none": supplied(pushes=())},
    "test_a_genuine_push_is_read_and_acknowledged": {
        "a time without a zone": made(Naive),
        "a number as written": made(Local),
        "not genuine": supplied(pushes=(b'{"state": "gone"}',)),
    },
    "test_an_unknown_field_in_a_push_is_tolerated": {"refuses it": made(Closed)},
    "test_an_unreadable_push_is_refused": {
        "takes it": made(Lenient),
        "tells a number": made(Gossiping),
    },
    "test_a_damaged_push_is_read_or_refused": {
        "raises": (made(Brittle), KeyError),
        "tells a number": made(Gossiping),
    },
    "test_a_push_without_the_signature_or_with_a_wrong_one_is_refused": {
        "nothing is verified": supplied(
            pushes=(SIGNED,), signature_header="X-Signature"
        ),
    },
    "test_pushes_mean_the_same_in_any_order_and_any_number": {
        "the second is refused": made(forgetful),
    },
    "test_each_code_has_its_declared_meaning": {
        "another reason": made(changing(reason=Reason.AUTH_FAILED)),
        "another outcome": made(changing(outcome=Outcome.UNKNOWN)),
        "another scope": made(changing(scope=Scope.MESSAGE)),
        "no code": made(changing(code=None)),
        "no time": made(changing(retry_at=None)),
        "another time": made(Delaying),
        "a time without a zone": (made(Zoneless), TypeError),
        "repeatable": made(changing(repeatable=True)),
    },
    "test_an_unknown_code_is_unmapped_and_kept": {
        "not refused": made(Deaf),
        "no code": made(changing(code=None)),
        "raises": (made(Strict), KeyError),
    },
    "test_a_malformed_answer_leaves_the_outcome_unknown": {
        "accepts": made(Optimistic),
        "raises": (made(Trusting), ValueError),
    },
    "test_each_wire_fault_has_its_outcome_and_reason": {
        "not noted": made(Unwritten),
        "repeats": made(Repeating),
        "raises": (made(Raising), ConnectionError),
        "the log": made(Talking),
        "the answer": made(Quoting),
        "documents it": supplied(wire={"http_502": (Outcome.REJECTED, Reason.NONE)}),
    },
    "test_cancelled_before_writing_leaves_nothing_written": {
        "noted too early": made(Hasty),
        "swallows it": (made(Swallowing), pytest.fail.Exception),
    },
    "test_cancelled_after_writing_leaves_it_written": {
        "not noted": made(Unwritten),
        "swallows it": (made(Swallowing), pytest.fail.Exception),
    },
    "test_many_at_once_are_many_requests_on_connections_that_are_kept": {
        "sends one for another": made(Sharing),
        "keeps no connection": made(Connecting),
    },
    "test_an_idle_connection_that_the_vendor_closed_is_not_used": {
        "not accepted": made(Deaf),
        "does not send": made(Remembering),
    },
    "test_a_balance_is_read": {
        "a float": made(Imprecise),
        "no example": supplied(balance_answer=None),
    },
    "test_a_balance_that_cannot_be_told_is_said_to_be_unavailable": {
        "raises": (made(Surprised), RequestLost),
        "tells the token": made(Indiscreet),
    },
}

CASES = [
    pytest.param(
        rule,
        *(case if isinstance(case, tuple) else (case, AssertionError)),
        id=f"{rule.removeprefix('test_')}: {what}",
    )
    for rule, cases in BROKEN.items()
    for what, case in cases.items()
]


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with FaultServer() as server:
        yield server


@pytest.mark.parametrize(("rule", "broken", "raises"), CASES)
async def test_a_provider_that_breaks_a_rule_fails_the_test_of_that_rule(
    rule: str,
    broken: Contract,
    raises: type[BaseException],
    server: FaultServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    contract = broken()
    supplies = {
        "server": server,
        "vendor": server.play(contract.accepted),
        "fault": next(fault for fault in FAULTS if fault.name == "http_502"),
        "caplog": caplog,
        "year": 1990,
    }
    test = getattr(contract, rule)
    taken = {name: supplies[name] for name in inspect.signature(test).parameters}

    with pytest.raises(raises):
        await passed(test(**taken))


async def passed(result: Any) -> None:
    if inspect.isawaitable(result):
        await result


def test_every_rule_is_known_to_be_broken_by_somebody() -> None:
    rules = {name for name in dir(HttpProviderContract) if name.startswith("test_")}

    assert rules == set(BROKEN)
