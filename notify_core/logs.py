"""Structured log records, as an observer on the public hook like any other.

Each record's message is the event's name; its facts are in `record.notify`, a
mapping, and behind the name in the text. Addresses are masked.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from notify_core.model.event import (
    Attempted,
    Event,
    FailedOver,
    InboundReceived,
    Match,
    Opened,
    PluginFailed,
    ReceiptMatched,
    Settled,
    TemplateReviewed,
    WebhookRefused,
)
from notify_core.model.masking import masked
from notify_core.model.outcome import Disposition, Outcome, Reason, rule_for
from notify_core.model.status import Status
from notify_core.plugins import hookimpl

log = logging.getLogger("notify_core.events")

_GONE_WELL = frozenset({Status.ACCEPTED, Status.SENT, Status.DELIVERED})


def _attempted(event: Attempted) -> tuple[int, Mapping[str, Any]]:
    attempt = event.attempt
    rule = rule_for(attempt.reason, attempt.scope)
    level = logging.WARNING
    if attempt.outcome is Outcome.ACCEPTED:
        level = logging.DEBUG
    elif rule.disposition is Disposition.ACCOUNT or attempt.reason is Reason.UNMAPPED:
        level = logging.ERROR
    return level, {
        "message": event.message,
        "attempt": attempt.number,
        "provider": attempt.provider,
        "outcome": attempt.outcome,
        "reason": attempt.reason,
        "code": attempt.code,
        "text": attempt.text,
        "seconds": attempt.duration,
    }


def _settled(event: Settled) -> tuple[int, Mapping[str, Any]]:
    level = logging.DEBUG if event.status in _GONE_WELL else logging.WARNING
    return level, {
        "message": event.message,
        "route": event.route,
        "status": event.status,
        "final": event.final,
        "reason": event.reason,
        "seconds": event.duration,
    }


def _failed_over(event: FailedOver) -> tuple[int, Mapping[str, Any]]:
    return logging.WARNING, {
        "message": event.message,
        "provider": event.provider,
        "to": event.to,
        "reason": event.reason,
    }


def _receipt_matched(event: ReceiptMatched) -> tuple[int, Mapping[str, Any]]:
    level = logging.WARNING if event.match is Match.MISMATCH else logging.DEBUG
    return level, {
        "message": event.message,
        "provider": event.provider,
        "state": event.state,
        "match": event.match,
    }


def _inbound_received(event: InboundReceived) -> tuple[int, Mapping[str, Any]]:
    return logging.DEBUG, {"provider": event.provider, "message": event.message}


def _template_reviewed(event: TemplateReviewed) -> tuple[int, Mapping[str, Any]]:
    return logging.INFO if event.approved else logging.WARNING, {
        "provider": event.provider,
        "template_id": event.template_id,
        "approved": event.approved,
        "text": masked(event.text) if event.text else None,
    }


def _webhook_refused(event: WebhookRefused) -> tuple[int, Mapping[str, Any]]:
    return logging.WARNING, {"provider": event.provider, "refusal": event.refusal}


def _plugin_failed(event: PluginFailed) -> tuple[int, Mapping[str, Any]]:
    return logging.ERROR, {
        "plugin": event.plugin,
        "hook": event.hook,
        "error": event.error,
    }


def _opened(event: Opened) -> tuple[int, Mapping[str, Any]]:
    names = ", ".join(event.providers)
    return logging.INFO, {"config": event.config, "providers": names}


def _on_one_line(value: object) -> str:
    """Write a value so that a vendor's words cannot pass for a line of their own."""
    text = str(value)
    return text if text.isprintable() else repr(text)


_RECORDS: dict[type, tuple[str, Callable[[Any], tuple[int, Mapping[str, Any]]]]] = {
    Attempted: ("attempted", _attempted),
    Settled: ("settled", _settled),
    FailedOver: ("failed_over", _failed_over),
    ReceiptMatched: ("receipt_matched", _receipt_matched),
    InboundReceived: ("inbound_received", _inbound_received),
    TemplateReviewed: ("template_reviewed", _template_reviewed),
    WebhookRefused: ("webhook_refused", _webhook_refused),
    PluginFailed: ("plugin_failed", _plugin_failed),
    Opened: ("opened", _opened),
}


@hookimpl
def notify_observe(event: Event) -> None:
    """Write the event down: what went well at DEBUG, what did not at WARNING and up."""
    known = _RECORDS.get(type(event))
    if known is None:
        return
    name, describe = known
    level, facts = describe(event)
    if log.isEnabledFor(level):
        told = {key: value for key, value in facts.items() if value is not None}
        line = " ".join(f"{key}={_on_one_line(value)}" for key, value in told.items())
        log.log(level, "%s %s", name, line, extra={"notify": {"event": name, **told}})
