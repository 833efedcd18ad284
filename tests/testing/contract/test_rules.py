"""The contract for providers: whoever breaks a rule fails the test of that rule."""

import inspect
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest

from notify_core.model.channel import Channel
from notify_core.model.outcome import Outcome, Reason, Scope
from notify_core.model.webhook import WebhookRequest
from notify_core.provider import (
    Account,
    Code,
    Provider,
    QueryMode,
    ReceiptMode,
    TextMode,
)
from notify_core.testing import FaultServer, HttpProviderContract
from notify_core.testing.wire_table import FAULTS
from notify_core.transmission import RequestLost
from tests.testing.contract import faulty
from tests.testing.contract.acme import ACME, CAPABILITIES, CODES, SCHEMA, AcmeContract

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
    return type("Broken", (AcmeContract,), {"provider_type": changed})


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
    return type("Broken", (AcmeContract,), attributes)


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
        "no reader of pushes": made(faulty.Unpushed),
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
        "not accepted": made(faulty.Deaf),
        "not noted": made(faulty.Unwritten),
    },
    "test_fifty_at_once_are_all_accepted": {
        "not accepted": made(faulty.Deaf),
        "noted for another": made(faulty.Confused),
    },
    "test_a_clock_that_is_off_is_the_vendors_to_refuse": {
        "refuses by itself": made(faulty.Punctual),
    },
    "test_nothing_shows_a_secret_or_a_person": {
        "the log": made(faulty.Talking),
        "the provider": made(faulty.Telling),
        "the answer": made(faulty.Quoting),
    },
    "test_closing_twice_is_harmless_and_leaves_the_session_open": {
        "closes the session": made(faulty.Possessive),
        "closes once": (made(faulty.ClosedOnce), AttributeError),
    },
    "test_there_is_an_example_of_what_is_pushed": {"none": supplied(pushes=())},
    "test_a_genuine_push_is_read_and_acknowledged": {
        "a time without a zone": made(faulty.Naive),
        "a number as written": made(faulty.Local),
        "not genuine": supplied(pushes=(b'{"state": "gone"}',)),
    },
    "test_an_unknown_field_in_a_push_is_tolerated": {"refuses it": made(faulty.Closed)},
    "test_an_unreadable_push_is_refused": {
        "takes it": made(faulty.Lenient),
        "tells a number": made(faulty.Gossiping),
    },
    "test_a_damaged_push_is_read_or_refused": {
        "raises": (made(faulty.Brittle), KeyError),
        "tells a number": made(faulty.Gossiping),
    },
    "test_a_push_without_the_signature_or_with_a_wrong_one_is_refused": {
        "nothing is verified": supplied(
            pushes=(SIGNED,), signature_header="X-Signature"
        ),
    },
    "test_pushes_mean_the_same_in_any_order_and_any_number": {
        "the second is refused": made(faulty.forgetful),
    },
    "test_each_code_has_its_declared_meaning": {
        "another reason": made(faulty.changing(reason=Reason.AUTH_FAILED)),
        "another outcome": made(faulty.changing(outcome=Outcome.UNKNOWN)),
        "another scope": made(faulty.changing(scope=Scope.MESSAGE)),
        "no code": made(faulty.changing(code=None)),
        "no time": made(faulty.changing(retry_at=None)),
        "another time": made(faulty.Delaying),
        "a time without a zone": (made(faulty.Zoneless), TypeError),
        "repeatable": made(faulty.changing(repeatable=True)),
    },
    "test_an_unknown_code_is_unmapped_and_kept": {
        "not refused": made(faulty.Deaf),
        "no code": made(faulty.changing(code=None)),
        "raises": (made(faulty.Strict), KeyError),
    },
    "test_a_malformed_answer_leaves_the_outcome_unknown": {
        "accepts": made(faulty.Optimistic),
        "raises": (made(faulty.Trusting), ValueError),
    },
    "test_each_wire_fault_has_its_outcome_and_reason": {
        "not noted": made(faulty.Unwritten),
        "repeats": made(faulty.Repeating),
        "raises": (made(faulty.Raising), ConnectionError),
        "the log": made(faulty.Talking),
        "the answer": made(faulty.Quoting),
        "documents it": supplied(wire={"http_502": (Outcome.REJECTED, Reason.NONE)}),
    },
    "test_cancelled_before_writing_leaves_nothing_written": {
        "noted too early": made(faulty.Hasty),
        "swallows it": (made(faulty.Swallowing), pytest.fail.Exception),
    },
    "test_cancelled_after_writing_leaves_it_written": {
        "not noted": made(faulty.Unwritten),
        "swallows it": (made(faulty.Swallowing), pytest.fail.Exception),
    },
    "test_many_at_once_are_many_requests_on_connections_that_are_kept": {
        "sends one for another": made(faulty.Sharing),
        "keeps no connection": made(faulty.Connecting),
    },
    "test_an_idle_connection_that_the_vendor_closed_is_not_used": {
        "not accepted": made(faulty.Deaf),
        "does not send": made(faulty.Remembering),
    },
    "test_a_balance_is_read": {
        "a float": made(faulty.Imprecise),
        "no example": supplied(balance_answer=None),
    },
    "test_a_balance_that_cannot_be_told_is_said_to_be_unavailable": {
        "raises": (made(faulty.Surprised), RequestLost),
        "tells the token": made(faulty.Indiscreet),
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
