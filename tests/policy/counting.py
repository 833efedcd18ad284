"""Policies that count, made of their settings and asked as the pipeline asks them."""

from copy import deepcopy
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import attrs

from notify_core.config.settings_schema import fill_defaults
from notify_core.errors import Problem
from notify_core.model.channel import Channel, Kind
from notify_core.model.recipient import parse_recipient
from notify_core.model.status import Status
from notify_core.outbox.memory import MemoryOutbox
from notify_core.outbox.port import Outbox
from notify_core.outbox.record import Record
from notify_core.policy.counter_key import keyed_hash
from notify_core.policy.decision import Decision, Verdict
from notify_core.policy.policy import Compilation, Policy, PolicyType
from notify_core.policy.schema import CONFIG_SCHEMA
from notify_core.policy.take import NOTHING_REFUSED
from notify_core.schemas import public_schema, validator
from tests.builders import NOON, code, record, text

SHANGHAI = ZoneInfo("Asia/Shanghai")
HASHED = keyed_hash(b"a key of the tests, and no other")
OTHER = "+8613900139000"


def filled(type_: PolicyType, settings: Any) -> Any:
    """Return settings that keep to the schema, with the defaults of the schema."""
    whole = public_schema(CONFIG_SCHEMA)
    validator(type_.schema).validate(settings)
    made = deepcopy(settings)
    fill_defaults(whole, whole["$defs"]["policy"]["properties"][type_.name], made)
    return made


def policy(type_: PolicyType, settings: Any, timezone: tzinfo = SHANGHAI) -> Policy:
    """Return a policy as a configuration would make it."""
    compilation = Compilation(timezone=timezone, hashed=HASHED)
    return type_.compile(filled(type_, settings), compilation)


def problems(type_: PolicyType, settings: Any) -> list[tuple[str, str]]:
    """Return what is wrong with settings that keep to the schema."""
    assert type_.problems is not None
    found: list[Problem] = list(type_.problems(filled(type_, settings)))
    return [(problem.pointer, problem.message) for problem in found]


def sent(
    at: datetime = NOON,
    to: str = "+8613800138000",
    *,
    is_text: bool = False,
    **fields: Any,
) -> Record:
    """Return the record of a message, by default of a code, accepted at that time."""
    channel = fields.get("channel", Channel.SMS)
    message = (text if is_text else code)(to=to, **fields)
    facts: dict[str, Any] = {"recipient": parse_recipient(channel, to, "CN")}
    if message.content is not None:
        kind = message.kind or Kind.NOTICE
        facts |= {"kind": kind, "text": message.content.text}
        facts |= {"content": message.content}
    return record(message, accepted_at=at, **facts)


@attrs.frozen
class Counting:
    """Admits messages under one policy, as the pipeline does."""

    policy: Policy
    outbox: Outbox = attrs.field(factory=MemoryOutbox)

    async def admit(self, one: Record) -> Decision:
        """Take for a message; a deferred one takes at its time."""
        decision = self.policy.decide(one, one.accepted_at, NOTHING_REFUSED)
        if decision.verdict is not Verdict.ALLOW:
            return decision
        takes, at = self.policy.needs(one), one.accepted_at
        added = await self.outbox.add(one, takes, at)
        while added.refused:
            decision = self.policy.decide(one, at, added.refused)
            if decision.verdict is not Verdict.DEFER:
                return decision
            assert decision.until is not None
            assert decision.until > at
            at = decision.until
            added = await self.outbox.add(one, takes, at)
        return decision

    async def end_unsent(self, one: Record) -> None:
        """Let a message end without anything delivered: it gives back."""
        await self.outbox.change(
            one.message.id, lambda r: r.moved((), Status.REJECTED, final=True)
        )

    async def verdicts(self, *records: Record) -> list[Verdict]:
        """Admit messages one after the other."""
        return [(await self.admit(one)).verdict for one in records]
