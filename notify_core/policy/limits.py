"""The policy `limits`: how many messages of a kind may go out in how much time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import Any, Self

import attrs

from notify_core.errors import Problem
from notify_core.model.channel import Kind
from notify_core.model.checked import Facts
from notify_core.model.outcome import Reason
from notify_core.model.timezone import timezone_named
from notify_core.policy.allowance import Allowance, parse_allowance
from notify_core.policy.counter_key import CounterKey, Hashed
from notify_core.policy.decision import ALLOW, Decision, Verdict
from notify_core.policy.policy import Compilation, PolicyType
from notify_core.policy.schema import built_in_schema
from notify_core.policy.take import Refusal, Refused, Take

#: Stands for what the providers of a route recommend.
RECOMMENDED = "recommended"


class Over(StrEnum):
    """What becomes of a message for which a limit has no room."""

    REJECT = "reject"
    SUPPRESS = "suppress"
    #: It is sent once there is room.
    DEFER = "defer"


#: The strictest of several decides.
_STRICTEST = (Verdict.REJECT, Verdict.SUPPRESS, Verdict.DEFER)


@attrs.frozen(kw_only=True)
class Limit:
    """How many messages with the same key may go out, by several windows."""

    #: Limits of the same name and key share their counters.
    name: str
    key: CounterKey
    allow: tuple[Allowance, ...]
    over: Over = Over.REJECT
    #: It holds for messages of these kinds; empty: all.
    kinds: frozenset[Kind] = frozenset()
    hashed: Hashed = attrs.field(repr=False, eq=False)

    _scope: str = attrs.field(init=False)

    @_scope.default
    def _name_and_key(self) -> str:
        return " ".join((self.name, *self.key.parts))

    @classmethod
    def of(cls, written: Mapping[str, Any], compilation: Compilation) -> Self:
        """Return a limit as the configuration writes it."""
        zone = _timezone(written, compilation.timezone)
        return cls(
            name=written["name"],
            key=CounterKey(parts=tuple(written["key"])),
            allow=tuple(parse_allowance(said, zone) for said in written["allow"]),
            over=Over(written.get("over", Over.REJECT)),
            kinds=frozenset(map(Kind, written.get("kinds", ()))),
            hashed=compilation.hashed,
        )

    def concerns(self, facts: Facts) -> bool:
        """Tell whether it holds for a message."""
        return not self.kinds or facts.kind in self.kinds

    def missing_label(self, facts: Facts) -> str | None:
        """Return the label that the key names and the message lacks."""
        if not self.key.labels:
            return None
        labels = facts.message.labels
        return next((name for name in self.key.labels if name not in labels), None)

    def takes(self, facts: Facts) -> tuple[Take, ...]:
        """Return what a message takes: once, by every window of the limit."""
        digits = self.hashed(self._scope, *self.key.values(facts))
        counter = f"limits/{self.name}/{digits}"
        return tuple([allowed.take(counter) for allowed in self.allow])

    def answer(self, facts: Facts, refused: Refused) -> Decision | None:
        """Return what becomes of a message by what was refused; None: nothing was."""
        takes = zip(self.allow, self.takes(facts), strict=True)
        found = {said.written: refused[take] for said, take in takes if take in refused}
        if not found:
            return None
        until, rules = _latest(found.values()), " and ".join(found)
        # Waiting for what never comes would be a refusal that nobody hears of.
        over = Over.REJECT if until is None else self.over
        return Decision(
            verdict=Verdict(over),
            reason=Reason.POLICY_RATE_LIMITED,
            until=until,
            why=f"limit {self.name} allows {rules}",
        )


@attrs.frozen(kw_only=True)
class Limits:
    """The limits of a policy set, in the order of the configuration."""

    limits: tuple[Limit, ...]
    #: Those that the providers of a route recommend are to be added.
    is_incomplete: bool = False
    _compilation: Compilation = attrs.field(repr=False, eq=False)

    @classmethod
    def of(cls, settings: Any, compilation: Compilation) -> Self:
        """Return the limits as the configuration writes them."""
        written = _limits(settings)
        return cls(
            limits=tuple(Limit.of(limit, compilation) for _, limit in written),
            is_incomplete=settings == RECOMMENDED or RECOMMENDED in settings,
            compilation=compilation,
        )

    def completed(
        self, recommended: Mapping[str, Iterable[Mapping[str, Any]]]
    ) -> Limits:
        """Return them with those that providers recommend, where that is wanted.

        Args:
            recommended: What each provider type of a route recommends, by its name.
        """
        if not self.is_incomplete:
            return self
        theirs = [
            Limit.of({**limit, "name": f"{type_}.{limit['name']}"}, self._compilation)
            for type_, limits in recommended.items()
            for limit in limits
        ]
        return attrs.evolve(self, limits=(*self.limits, *theirs), is_incomplete=False)

    def needs(self, facts: Facts) -> tuple[Take, ...]:
        """Return what the message takes from the counter of each limit."""
        return tuple(
            [
                take
                for limit in self.limits
                if limit.concerns(facts) and limit.missing_label(facts) is None
                for take in limit.takes(facts)
            ]
        )

    def decide(self, facts: Facts, now: datetime, refused: Refused) -> Decision:
        """Return what the strictest limit without room says, or allow."""
        limits = [limit for limit in self.limits if limit.concerns(facts)]
        for limit in limits:
            if (label := limit.missing_label(facts)) is not None:
                return _unlabelled(limit, label)
        if not refused:
            return ALLOW
        answers = [limit.answer(facts, refused) for limit in limits]
        return _strictest([answer for answer in answers if answer is not None])

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels that messages must have, each with a limit that needs it."""
        return {label: each.name for each in self.limits for label in each.key.labels}

    def is_per_recipient(self, kind: Kind) -> bool:
        """Tell whether one person can get only so many messages of a kind."""
        return any(
            "recipient" in limit.key.parts and (not limit.kinds or kind in limit.kinds)
            for limit in self.limits
        )


def _unlabelled(limit: Limit, label: str) -> Decision:
    return Decision(
        verdict=Verdict.REJECT,
        reason=Reason.POLICY_RATE_LIMITED,
        why=f"limit {limit.name} needs label {label}",
    )


def _latest(refusals: Iterable[Refusal]) -> datetime | None:
    """Return when there is room by every window; None: not by waiting."""
    times = [refusal.free_at for refusal in refusals]
    known = [at for at in times if at is not None]
    return max(known) if len(known) == len(times) else None


def _strictest(answers: list[Decision]) -> Decision:
    """Return the answer that goes furthest; of deferrals, the longest."""
    for verdict in _STRICTEST:
        same = [answer for answer in answers if answer.verdict is verdict]
        if same:
            return max(same, key=_until)
    return ALLOW


def _until(answer: Decision) -> datetime:
    return answer.until or datetime.max.replace(tzinfo=UTC)


def _timezone(written: Mapping[str, Any], default: tzinfo) -> tzinfo:
    return timezone_named(written["timezone"]) if "timezone" in written else default


def _limits(settings: Any) -> list[tuple[int, Mapping[str, Any]]]:
    """Return the limits that are written out, each with its place."""
    listed = [] if isinstance(settings, str) else settings
    return [(i, limit) for i, limit in enumerate(listed) if limit != RECOMMENDED]


def _problems(settings: Any) -> Iterator[Problem]:
    names: set[str] = set()
    for index, limit in _limits(settings):
        if limit["name"] in names:
            why = f"{limit['name']!r} is the name of a limit above; give it its own"
            yield Problem(pointer=f"/{index}/name", message=why)
        names.add(limit["name"])
        try:
            _timezone(limit, UTC)
        except ValueError as error:
            yield Problem(pointer=f"/{index}/timezone", message=str(error))


LIMITS = PolicyType(
    name="limits",
    summary="How many messages may go out in how much time",
    schema=built_in_schema("limits"),
    compile=Limits.of,
    problems=_problems,
)
