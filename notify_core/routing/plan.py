"""The providers that may take a message, in order, and why the others may not."""

from __future__ import annotations

import attrs

from notify_core.config.snapshot import ProviderSettings, Snapshot
from notify_core.model.result import Exclusion
from notify_core.model.template import Binding
from notify_core.outbox.record import Record
from notify_core.provider import BoundTemplate, Submission
from notify_core.routing.eligibility import why_not
from notify_core.routing.route import Route
from notify_core.template.bindings import bound
from notify_core.template.catalogue import CompiledTemplate


@attrs.frozen
class Candidate:
    """A provider that may take the message, and the message rendered for it."""

    provider: ProviderSettings
    submission: Submission


@attrs.frozen
class Plan:
    """Who is tried, first first, and who is not."""

    candidates: tuple[Candidate, ...]
    excluded: tuple[Exclusion, ...]


def make_plan(record: Record, route: Route, snapshot: Snapshot) -> Plan:
    """Render the message for each member of the route's pool that can take it."""
    message = record.message
    template = snapshot.templates[message.template] if message.template else None
    candidates: list[Candidate] = []
    excluded: list[Exclusion] = []
    for name in route.pool.members:
        provider = snapshot.providers[name]
        binding = _binding(template, provider)
        submission = _submission(record, route, provider, binding)
        is_filed = binding is not None or (template is None and route.free_text)
        why = why_not(provider, submission, is_filed=is_filed)
        if why is None:
            candidates.append(Candidate(provider, submission))
        else:
            excluded.append(Exclusion(provider=name, why=why))
    return Plan(tuple(candidates), tuple(excluded))


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
        content=message.content,
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
