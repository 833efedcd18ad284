"""Reads how hard a policy set tries: what the pipeline asks of it, no policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from notify_core.config.document import Node
from notify_core.errors import Problem
from notify_core.model.duration import parse_duration
from notify_core.model.outcome import RULES, Disposition, Reason
from notify_core.policy.backoff import Backoff
from notify_core.policy.policy_set import (
    OnUnknown,
    PolicySet,
    ReceiptDeadline,
    Settling,
    Then,
)
from notify_core.transmission import Timeouts

Written = Mapping[str, Any]
Readers = Mapping[str, Callable[[Any], Any]]

_UNSETTLED = "leaves open whether the message was sent: on_unknown says what follows"
_TWICE = "may send a message twice; write duplicates: allowed too, if that is meant"


def effort(written: Written) -> dict[str, Any]:
    """Return the fields of a `PolicySet` that are written; the schema was kept."""
    return _read(_EFFORT, written)


def effort_problems(node: Node, policy: PolicySet) -> Iterator[Problem]:
    """Yield what is wrong with a policy set that keeps to the schema.

    Args:
        node: The set as it is written. What it only takes from another set is told
            of that one.
        policy: The set with all that it takes from others.
    """
    own = node.names()
    if not own.isdisjoint(("deadline", "attempt_timeout")):
        yield from _deadline_problems(node, policy)
    if not own.isdisjoint(("validity", "attempt_timeout")):
        yield from _validity_problems(node, policy)
    if "retry" in own and policy.retry.first > policy.retry.longest:
        yield node["retry"]["first"].problem("is longer than longest")
    if policy.duplicates:
        return
    if policy.on_unknown.then is Then.FAILOVER and own & {"on_unknown", "duplicates"}:
        yield node["on_unknown"]["then"].problem(_TWICE)
    receipts = policy.receipt_deadline
    repeats = receipts is not None and receipts.then is Then.FAILOVER
    if repeats and own & {"receipt_deadline", "duplicates"}:
        yield node["receipt_deadline"]["then"].problem(_TWICE)
    if own & {"reasons", "duplicates"}:
        yield from _repeated(node["reasons"], policy)


def reason_problems(node: Node) -> Iterator[Problem]:
    """Yield the dispositions that make no sense, whatever else a set says."""
    for name, disposition in node.entries():
        if _is_unknown(Reason(name)) and disposition.value == Disposition.STOP:
            yield disposition.problem(_UNSETTLED)


def _deadline_problems(node: Node, policy: PolicySet) -> Iterator[Problem]:
    if policy.deadline < policy.shortest_attempt:
        yield node["deadline"].problem(_no_time(policy))


def _validity_problems(node: Node, policy: PolicySet) -> Iterator[Problem]:
    if policy.validity is not None and policy.validity < policy.shortest_attempt:
        yield node["validity"].problem(_no_time(policy))


def _no_time(policy: PolicySet) -> str:
    takes = f"which takes {policy.shortest_attempt.total_seconds():g}s at least"
    return f"leaves no time for an attempt, {takes} (attempt_timeout.connect + 1s)"


def _repeated(node: Node, policy: PolicySet) -> Iterator[Problem]:
    for reason, disposition in policy.reasons.items():
        if _is_unknown(reason) and disposition is not Disposition.STOP:
            yield node[reason].problem(_TWICE)


def _is_unknown(reason: Reason) -> bool:
    return RULES[reason].disposition is Disposition.SETTLE


def _timeouts(written: Written) -> Timeouts:
    return Timeouts(
        **{name: parse_duration(text).total_seconds() for name, text in written.items()}
    )


def _backoff(written: Written) -> Backoff:
    return Backoff(**_read(_BACKOFF, written))


def _on_unknown(written: Written) -> OnUnknown:
    return OnUnknown(**_read(_ON_UNKNOWN, written))


def _receipt_deadline(written: str | Written) -> ReceiptDeadline:
    if isinstance(written, str):
        return ReceiptDeadline(within=parse_duration(written))
    return ReceiptDeadline(**_read(_RECEIPT_DEADLINE, written))


def _settling(written: list[str]) -> tuple[Settling, ...]:
    return tuple(Settling(name) for name in written)


def _is_allowed(written: str) -> bool:
    return written == "allowed"


def _reasons(written: Mapping[str, str]) -> Mapping[Reason, Disposition]:
    return MappingProxyType(
        {Reason(name): Disposition(said) for name, said in written.items()}
    )


def _read(readers: Readers, written: Written) -> dict[str, Any]:
    return {
        name: read(written[name]) for name, read in readers.items() if name in written
    }


#: What each key of a policy set is read with that is no policy.
_EFFORT: Readers = {
    "deadline": parse_duration,
    "validity": parse_duration,
    "attempt_timeout": _timeouts,
    "max_attempts": int,
    "retry": _backoff,
    "on_unknown": _on_unknown,
    "receipt_deadline": _receipt_deadline,
    "duplicates": _is_allowed,
    "reasons": _reasons,
}
_BACKOFF: Readers = {
    "first": parse_duration,
    "factor": float,
    "longest": parse_duration,
}
_RECEIPT_DEADLINE: Readers = {
    "within": parse_duration,
    "then": Then,
}
_ON_UNKNOWN: Readers = {
    "settle": _settling,
    "within": parse_duration,
    "then": Then,
}
