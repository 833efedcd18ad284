"""Structured log records, as an observer on the public hook like any other.

Each record's message is the event's name; its facts are in `record.notify`, a
mapping, and behind the name in the text. Addresses are masked.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from notify_core.model.event import (
    EVENT_TYPES,
    Admitted,
    Attempted,
    ConfigReloaded,
    Event,
    FailedOver,
    InboundReceived,
    Match,
    Opened,
    PluginFailed,
    ProviderStateChanged,
    ReceiptMatched,
    Settled,
    TemplateReviewed,
    WebhookRefused,
)
from notify_core.model.health import HealthState
from notify_core.model.masking import masked
from notify_core.model.outcome import Disposition, Outcome, Reason, rule_for
from notify_core.model.status import Status
from notify_core.observers import takes
from notify_core.plugins import hookimpl

log = logging.getLogger("notify_core.events")

#: Problems of a refused configuration that the log line has at most.
MOST_PROBLEMS = 20

_GONE_WELL = frozenset({Status.ACCEPTED, Status.SENT, Status.DELIVERED})


_Level = Callable[[Any], int]
_Facts = Callable[[Any], Mapping[str, Any]]


def _always(level: int) -> _Level:
    return lambda _: level


def _admission_facts(event: Admitted) -> Mapping[str, Any]:
    return {
        "message": event.message,
        "route": event.route,
        "policy": event.policy,
        "verdict": event.verdict,
        "reason": event.reason,
        "until": event.until,
        "why": event.why or None,
        "instead": event.instead,
    }


def _attempt_level(event: Attempted) -> int:
    attempt = event.attempt
    if attempt.outcome is Outcome.ACCEPTED:
        return logging.DEBUG
    rule = rule_for(attempt.reason, attempt.scope)
    if rule.disposition is Disposition.ACCOUNT or attempt.reason is Reason.UNMAPPED:
        return logging.ERROR
    return logging.WARNING


def _attempt_facts(event: Attempted) -> Mapping[str, Any]:
    attempt = event.attempt
    return {
        "message": event.message,
        "attempt": attempt.number,
        "provider": attempt.provider,
        "outcome": attempt.outcome,
        "reason": attempt.reason,
        "code": attempt.code,
        "text": attempt.text,
        "seconds": attempt.duration,
    }


def _settled_level(event: Settled) -> int:
    return logging.DEBUG if event.status in _GONE_WELL else logging.WARNING


def _settled_facts(event: Settled) -> Mapping[str, Any]:
    return {
        "message": event.message,
        "route": event.route,
        "status": event.status,
        "final": event.final,
        "reason": event.reason,
        "seconds": event.duration,
    }


def _failed_over_facts(event: FailedOver) -> Mapping[str, Any]:
    return {
        "message": event.message,
        "provider": event.provider,
        "to": event.to,
        "reason": event.reason,
    }


def _receipt_level(event: ReceiptMatched) -> int:
    return logging.WARNING if event.match is Match.MISMATCH else logging.DEBUG


def _receipt_facts(event: ReceiptMatched) -> Mapping[str, Any]:
    return {
        "message": event.message,
        "provider": event.provider,
        "state": event.state,
        "match": event.match,
    }


def _inbound_facts(event: InboundReceived) -> Mapping[str, Any]:
    return {"provider": event.provider, "message": event.message}


def _review_level(event: TemplateReviewed) -> int:
    return logging.INFO if event.approved else logging.WARNING


def _review_facts(event: TemplateReviewed) -> Mapping[str, Any]:
    return {
        "provider": event.provider,
        "template_id": event.template_id,
        "approved": event.approved,
        "text": masked(event.text) if event.text else None,
    }


def _state_level(event: ProviderStateChanged) -> int:
    return logging.WARNING if event.state is HealthState.RESTING else logging.INFO


def _state_facts(event: ProviderStateChanged) -> Mapping[str, Any]:
    return {
        "provider": event.provider,
        "unit": event.unit,
        "name": event.name,
        "state": event.state,
        "reason": event.reason,
        "until": event.until and event.until.isoformat(timespec="seconds"),
    }


def _refusal_facts(event: WebhookRefused) -> Mapping[str, Any]:
    return {"provider": event.provider, "refusal": event.refusal}


def _failure_facts(event: PluginFailed) -> Mapping[str, Any]:
    return {"plugin": event.plugin, "hook": event.hook, "error": event.error}


def _opened_facts(event: Opened) -> Mapping[str, Any]:
    return {"config": event.config, "providers": ", ".join(event.providers)}


def _reload_level(event: ConfigReloaded) -> int:
    return logging.INFO if event.ok else logging.ERROR


def _reload_facts(event: ConfigReloaded) -> Mapping[str, Any]:
    shown = "; ".join(event.problems[:MOST_PROBLEMS])
    more = len(event.problems) - MOST_PROBLEMS
    return {
        "config": event.config,
        "previous": event.previous,
        "ok": event.ok,
        "problems": f"{shown}; and {more} more" if more > 0 else shown or None,
        "providers": ", ".join(event.providers),
        "removed": ", ".join(event.removed) or None,
    }


def _on_one_line(value: object) -> str:
    """Write a value so that a vendor's words cannot pass for a line of their own."""
    text = str(value)
    return text if text.isprintable() else repr(text)


#: How loud each event is, and what is told of it.
_RECORDS: Mapping[type[Event], tuple[_Level, _Facts]] = {
    Admitted: (_always(logging.INFO), _admission_facts),
    Attempted: (_attempt_level, _attempt_facts),
    Settled: (_settled_level, _settled_facts),
    FailedOver: (_always(logging.WARNING), _failed_over_facts),
    ReceiptMatched: (_receipt_level, _receipt_facts),
    InboundReceived: (_always(logging.DEBUG), _inbound_facts),
    TemplateReviewed: (_review_level, _review_facts),
    ProviderStateChanged: (_state_level, _state_facts),
    WebhookRefused: (_always(logging.WARNING), _refusal_facts),
    PluginFailed: (_always(logging.ERROR), _failure_facts),
    Opened: (_always(logging.INFO), _opened_facts),
    ConfigReloaded: (_reload_level, _reload_facts),
}


@hookimpl
@takes(*_RECORDS)
def notify_observe(event: Event) -> None:
    """Write the event down: what went well at DEBUG, what did not at WARNING and up."""
    known = _RECORDS.get(type(event))
    if known is None:
        return
    level_of, facts_of = known
    level = level_of(event)
    if log.isEnabledFor(level):
        _write(level, EVENT_TYPES[type(event)], facts_of(event))


def _write(level: int, name: str, facts: Mapping[str, Any]) -> None:
    told = {key: value for key, value in facts.items() if value is not None}
    line = " ".join(f"{key}={_on_one_line(value)}" for key, value in told.items())
    log.log(level, "%s %s", name, line, extra={"notify": {"event": name, **told}})
