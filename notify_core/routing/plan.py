"""The providers that may take a message, in order, and why the others may not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from random import Random

import attrs

from notify_core.config.snapshot import ProviderSettings, Snapshot
from notify_core.model.result import Exclusion
from notify_core.model.status import POSSIBLY_DELIVERED, AttemptState
from notify_core.model.template import Binding
from notify_core.outbox.record import Record
from notify_core.provider import BoundTemplate, Submission
from notify_core.routing.eligibility import why_not
from notify_core.routing.health.health import Health
from notify_core.routing.health.rest import Rest, first_to_end
from notify_core.routing.pool import Pool
from notify_core.routing.refusals import VendorRefusals
from notify_core.routing.route import Route
from notify_core.routing.turns import Turns, ordered_providers
from notify_core.template.bindings import bound
from notify_core.template.catalogue import CompiledTemplate

#: How it begins why a paused provider is left out.
PAUSED = "paused"
#: Why a place is left out that a policy put in place of the route's.
NOWHERE = "is no provider and no pool, and a policy put it in place of the route's"


@attrs.frozen(eq=False)
class Candidate:
    """A provider that may take the message, and the message rendered for it."""

    provider: ProviderSettings
    submission: Submission
    #: Though it rests, since all others do too.
    anyway: bool = False

    @property
    def units(self) -> tuple[str, str | None, str | None]:
        """What health is kept of: provider, sender, the vendor's template id."""
        template = self.submission.template
        template_id = None if template is None else template.id
        return self.provider.name, self.submission.sender, template_id


@attrs.frozen
class Plan:
    """Who is tried, first first, and who is not."""

    candidates: tuple[Candidate, ...]
    excluded: tuple[Exclusion, ...]
    #: When the first of them is well again, if all rest: it is tried anyway.
    rests_until: datetime | None = None

    @property
    def is_paused(self) -> bool:
        """Whether a provider was left out because it is paused."""
        return any(e.why.startswith(PAUSED) for e in self.excluded)


@attrs.frozen(kw_only=True)
class Planner:
    """Makes the plans of one configuration."""

    snapshot: Snapshot
    health: Health
    refusals: VendorRefusals
    turns: Turns
    random: Random
    #: Why, by the name of each provider that is paused.
    paused: Mapping[str, str] = attrs.field(factory=dict)

    def preview(self) -> Planner:
        """Return a planner that goes on from here and advances nothing."""
        random = Random()  # noqa: S311 (no secret)
        random.setstate(self.random.getstate())
        return attrs.evolve(self, turns=self.turns.preview(), random=random)

    def plan(self, record: Record, route: Route, now: datetime) -> Plan:
        """Render the message for each provider that can take it, and order them."""
        if self._is_lost(record):
            return Plan((), (Exclusion(provider=str(record.instead), why=NOWHERE),))
        pool = self._pool(record, route)
        able: dict[str, Candidate] = {}
        resting: dict[Candidate, Rest] = {}
        excluded = [Exclusion(provider=p, why=why) for p, why in pool.never.items()]
        for name in pool.possible:
            candidate, rest, why = self._seen(record, route, name, now)
            if rest is not None:
                resting[candidate] = rest
            if why is None:
                able[name] = candidate
            else:
                excluded.append(Exclusion(provider=name, why=why))
        rests_until = None
        if resting and not able:
            first = first_to_end(resting)
            rests_until = resting[first].until
            able[first.provider.name] = attrs.evolve(first, anyway=True)
            excluded = [e for e in excluded if e.provider not in able]
        if len(able) == 1:
            return Plan(tuple(able.values()), tuple(excluded), rests_until)
        order = ordered_providers(pool, able, self.turns, self.random)
        ordered = tuple([able[name] for name in order])
        return Plan(_refusers_last(ordered, record), tuple(excluded))

    def _seen(
        self, record: Record, route: Route, name: str, now: datetime
    ) -> tuple[Candidate, Rest | None, str | None]:
        """Return a provider as a candidate, its rest, and why it is not asked."""
        candidate, why = self._candidate(record, route, name)
        if why is None:
            why = self._left_alone(candidate.provider, record, now)
        if why is not None:
            return candidate, None, why
        rest = self.health.resting(*candidate.units, now)
        return candidate, rest, None if rest is None else rest.why(now)

    def _left_alone(
        self, provider: ProviderSettings, record: Record, now: datetime
    ) -> str | None:
        """Return why a provider that is able is not asked."""
        if provider.name in self.paused:
            return f"{PAUSED}: {self.paused[provider.name]}"
        return self.refusals.why_not(provider.account, record.recipient.address, now)

    def _is_lost(self, record: Record) -> bool:
        """Whether it was put where nothing is: by a plugin, or before a reload."""
        if record.instead is None:
            return False
        places = (self.snapshot.pools, self.snapshot.providers)
        return not any(record.instead in known for known in places)

    def _pool(self, record: Record, route: Route) -> Pool:
        if record.instead is None:
            return route.pool
        known = self.snapshot.pools.get(record.instead)
        return known or Pool.of(record.instead, record.instead)

    def _candidate(
        self, record: Record, route: Route, name: str
    ) -> tuple[Candidate, str | None]:
        provider = self.snapshot.providers[name]
        message = record.message
        template = (
            self.snapshot.templates[message.template] if message.template else None
        )
        binding = _binding(template, provider)
        submission = _submission(record, route, provider, binding)
        is_filed = binding is not None or (template is None and route.free_text)
        why = _may_have_it(record, route, name) or why_not(
            provider, submission, is_filed=is_filed
        )
        return Candidate(provider, submission), why


def _may_have_it(record: Record, route: Route, provider: str) -> str | None:
    """Return why a provider that may have taken the message is not asked again."""
    if not record.attempts or route.policy.duplicates:
        return None
    theirs = [a.state for a in record.attempts if a.provider == provider]
    if POSSIBLY_DELIVERED.isdisjoint(theirs):
        return None
    return "may have taken the message already"


def _refusers_last(
    ordered: tuple[Candidate, ...], record: Record
) -> tuple[Candidate, ...]:
    if not record.attempts:
        return ordered
    refused = {
        attempt.provider
        for attempt in record.attempts
        if attempt.state is AttemptState.REJECTED
    }
    return tuple(sorted(ordered, key=lambda c: c.provider.name in refused))


def _binding(
    template: CompiledTemplate | None, provider: ProviderSettings
) -> Binding | None:
    if template is None:
        return None
    return template.binding_for(provider.name, provider.type.name)


def _submission(
    record: Record,
    route: Route,
    provider: ProviderSettings,
    binding: Binding | None,
) -> Submission:
    message = record.message
    return Submission(
        message=message.id,
        reference=message.id,
        recipient=record.recipient,
        channel=message.channel,
        kind=record.kind,
        text=record.text,
        content=record.content,
        template=_bound(record, provider, binding),
        sender=message.sender or (binding.sender if binding else None),
        extra=message.extra.get(provider.type.name, {}),
        timeouts=route.policy.attempt_timeout,
    )


def _bound(
    record: Record, provider: ProviderSettings, binding: Binding | None
) -> BoundTemplate | None:
    if binding is None or not provider.capabilities.templates:
        return None
    return bound(binding, record.message.params)
