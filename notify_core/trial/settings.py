"""The settings that hold for a route, and where each comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from notify_core.model.duration import format_duration
from notify_core.policy.policy_set import PolicySet
from notify_core.routing.route import Route
from notify_core.routing.tree import RoutingTree
from notify_core.transmission import Timeouts
from notify_core.trial.explanation import DEFAULT, Setting


def settings_of(route: Route, tree: RoutingTree) -> Iterator[Setting]:
    """Yield each setting of a route and of its policy set."""
    origins = _origins(route, tree)
    for name, read in _OF_ROUTES.items():
        yield Setting(
            name=name, value=read(route), origin=_origin("route", origins.get(name))
        )
    policy = route.policy
    for name, written in _OF_SETS.items():
        yield Setting(name=name, value=written(policy), origin=set_of(policy, name))


def _origins(route: Route, tree: RoutingTree) -> Mapping[str, str]:
    """Return the name of the route in which each setting of a route is written."""
    return next((p.origins for p in tree.routes if p.route is route), {})


def set_of(policy: PolicySet, name: str) -> str:
    """Return the policy set in which a setting is written, as people are told it."""
    return _origin("policy set", policy.origins.get(name))


def _origin(what: str, name: str | None) -> str:
    return DEFAULT if name is None else f"{what} {name}"


def _yes_or_no(value: bool) -> str:
    return "true" if value else "false"


def _span(span: timedelta | None, otherwise: str) -> str:
    return otherwise if span is None else format_duration(span)


def _timeouts(timeouts: Timeouts) -> str:
    connect, read = (
        timedelta(seconds=timeouts.connect),
        timedelta(seconds=timeouts.read),
    )
    return f"connect {format_duration(connect)}, read {format_duration(read)}"


def _retry(policy: PolicySet) -> str:
    retry = policy.retry
    first, longest = format_duration(retry.first), format_duration(retry.longest)
    return f"first {first}, factor {retry.factor:g}, longest {longest}"


def _on_unknown(policy: PolicySet) -> str:
    said = policy.on_unknown
    within = _span(said.within, "30s for otp, else 10m")
    return f"settle {', '.join(said.settle)}; within {within}; then {said.then}"


def _receipt_deadline(policy: PolicySet) -> str:
    said = policy.receipt_deadline
    if said is None:
        return "for ever"
    return f"{format_duration(said.within)}; then {said.then}"


def _reasons(policy: PolicySet) -> str:
    told = (f"{reason} {what}" for reason, what in policy.reasons.items())
    return ", ".join(told) or "as usual"


_OF_ROUTES: Mapping[str, Callable[[Route], str]] = {
    "pool": lambda route: route.pool.name,
    "policy": lambda route: route.policy.name,
    "free_text": lambda route: _yes_or_no(route.free_text),
    "by_name": lambda route: _yes_or_no(route.by_name),
}
_OF_SETS: Mapping[str, Callable[[PolicySet], str]] = {
    "deadline": lambda policy: format_duration(policy.deadline),
    "validity": lambda policy: _span(policy.validity, "for ever"),
    "attempt_timeout": lambda policy: _timeouts(policy.attempt_timeout),
    "max_attempts": lambda policy: str(policy.max_attempts),
    "retry": _retry,
    "on_unknown": _on_unknown,
    "receipt_deadline": _receipt_deadline,
    "duplicates": lambda policy: "allowed" if policy.duplicates else "forbidden",
    "reasons": _reasons,
}
