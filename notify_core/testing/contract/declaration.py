"""The contract's first part: the declared facts are true and agree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from jsonschema import Draft202012Validator

from notify_core.config.schema_faults import schema_faults
from notify_core.model.outcome import POLICY_REASONS, Reason, Scope
from notify_core.plugins import Plugins
from notify_core.provider import (
    Capabilities,
    Code,
    Provider,
    QueryMode,
    ReceiptMode,
    SenderMode,
    SupportsBalance,
    SupportsQuery,
    SupportsWebhook,
    TextMode,
)
from notify_core.secret import Secret
from notify_core.testing.contract.subject import NOWHERE, Subject
from notify_core.testing.emulator import Emulator

_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_SECRET_NAME = re.compile(r"(^|_)(key|secret|token|password)$")
#: Every property refuses one of these at least.
_JUNK: tuple[Any, ...] = (None, 3.5, "\x00", [[]], {"": {}})
_NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
#: Reasons that the core finds by itself: no vendor's code means them.
_OF_THE_CORE = POLICY_REASONS.union(
    {
        Reason.CONNECT_FAILED,
        Reason.NO_RESPONSE,
        Reason.SERVER_ERROR,
        Reason.INTERRUPTED,
        Reason.UNMAPPED,
        Reason.NO_PROVIDER,
        Reason.EXPIRED,
        Reason.DEADLINE_EXCEEDED,
        Reason.CANCELED,
    }
)
_SCOPED = frozenset({Reason.SENDER_REJECTED, Reason.TEMPLATE_REJECTED})


class DeclarationContract(Subject):
    """Nothing is sent here."""

    def test_the_name_is_a_word_that_nobody_else_has(self) -> None:
        """It is what `type:` says, and it has a summary of one line."""
        mine = self.provider_type
        assert _NAME.fullmatch(mine.name)
        assert Plugins().provider_types.get(mine.name, mine).create == mine.create
        assert mine.summary.strip()
        assert "\n" not in mine.summary

    def test_the_capabilities_agree_with_each_other(self) -> None:
        """Those of the type, and those of the account."""
        assert not list(_contradictions(self.provider_type.capabilities))
        assert not list(_contradictions(self.configured().capabilities))

    def test_an_account_can_do_no_more_than_its_type(self) -> None:
        """The type declares the most; the settings may narrow it."""
        most, some = self.provider_type.capabilities, self.configured().capabilities
        assert some.channels <= most.channels
        assert some.receipts in (ReceiptMode.NONE, most.receipts)
        assert some.query in (QueryMode.NONE, most.query)
        for name in ("templates", "inbound", "balance", "receipt_match_recipient"):
            assert getattr(some, name) <= getattr(most, name), name

    async def test_the_methods_are_those_that_the_capabilities_promise(self) -> None:
        """One that is promised is there, and one that is there is promised."""
        can = self.provider_type.capabilities
        pushes = can.receipts is ReceiptMode.PUSH or can.inbound
        async with self.account(NOWHERE) as unit:
            provider = unit.provider
        assert isinstance(provider, Provider)
        assert isinstance(provider, SupportsBalance) == can.balance
        assert isinstance(provider, SupportsQuery) == (can.query != QueryMode.NONE)
        assert isinstance(provider, SupportsWebhook) == pushes

    def test_the_schemas_are_valid(self) -> None:
        """The schemas of the settings and of a message's options."""
        assert schema_faults(self.provider_type.settings_schema) == []
        assert schema_faults(self.provider_type.extra_schema or {}) == []

    def test_the_defaults_are_valid(self) -> None:
        """Each default is a value that its setting takes."""
        schema = self.provider_type.settings_schema
        for name, about in schema.get("properties", {}).items():
            if "default" in about:
                setting = Draft202012Validator(schema).evolve(schema=about)
                assert setting.is_valid(about["default"]), name

    def test_junk_in_the_settings_is_refused(self) -> None:
        """Unknown and missing settings, and values of no sense."""
        schema, good = self.provider_type.settings_schema, self.settings(NOWHERE)
        assert self.checked({**good, "no_such_setting": 1})[1], "an unknown setting"
        for name in schema.get("required", ()):
            rest = {key: value for key, value in good.items() if key != name}
            assert self.checked(rest)[1], f"{name} is missing"
        for name in schema.get("properties", {}):
            refused = [self.checked({**good, name: junk})[1] for junk in _JUNK]
            assert any(refused), f"{name} takes anything"

    def test_secrets_are_declared_and_an_empty_one_is_refused(self) -> None:
        """So that none stands in a file, and nothing never becomes a password."""
        good = self.settings(NOWHERE)
        properties = self.provider_type.settings_schema.get("properties", {})
        for name, about in properties.items():
            if _SECRET_NAME.search(name) and "enum" not in about:
                assert _is_secret(about), f"{name} is not writeOnly"
            if _is_secret(about):
                assert self.checked({**good, name: Secret("")})[1], name

    def test_the_emulator_is_where_it_is_said_to_be(self) -> None:
        """And it takes the address to push to, where the vendor pushes."""
        if self.provider_type.emulator is None:
            return
        can = self.provider_type.capabilities
        pushes = can.receipts is ReceiptMode.PUSH or can.inbound
        options = {"push_url": f"{NOWHERE}/push"} if pushes else {}
        assert isinstance(self.provider_type.make_emulator(options), Emulator)

    def test_the_account_key_is_stable_and_shows_no_secret(self) -> None:
        """It is stored with every attempt, and receipts match in its scope."""
        first, second = self.configured(), self.configured()
        assert first.account
        assert first.account == second.account
        self.assert_discreet(first.account, self.submission())

    def test_the_code_table_says_what_a_vendor_can_say(self) -> None:
        """No reason that only the core can find, and a code that means accepted."""
        codes = self.provider_type.codes
        for name, code in codes.items():
            assert not list(_faults_of(code)), name
        assert not codes or Reason.NONE in {code.reason for code in codes.values()}

    def test_a_message_that_fits_is_not_refused(self) -> None:
        """`refuses` lets it through and `segments` counts it."""
        settings, submission = self.configured().settings, self.submission()
        refuses, segments = self.provider_type.refuses, self.provider_type.segments
        assert refuses is None or refuses(settings, submission) is None
        assert segments is None or segments(settings, submission) >= 1


def _contradictions(can: Capabilities) -> Iterator[str]:
    if not can.channels:
        yield "no channel"
    if can.text is TextMode.NONE and not can.templates:
        yield "neither texts nor templates"
    if can.receipts is ReceiptMode.POLL and can.query is QueryMode.NONE:
        yield "receipts are polled without a query"
    if can.receipt_match_recipient and can.receipts is ReceiptMode.NONE:
        yield "receipts are matched and never come"
    if can.sender_name is not None and can.sender is not SenderMode.FIXED:
        yield "a sender's name where the sender is free"


def _faults_of(code: Code) -> Iterator[str]:
    if code.reason in _OF_THE_CORE:
        yield f"{code.reason} is found by the core alone"
    if code.scope is Scope.UNIT and code.reason not in _SCOPED:
        yield f"{code.reason} has no unit"
    if code.retry_at is not None:
        at = code.retry_at(_NOW)
        if at.tzinfo is None or at < _NOW:
            yield "retry_at is in the past or has no time zone"


def _is_secret(about: Any) -> bool:
    return about.get("writeOnly") is True
