"""An explanation in lines for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from notify_core.estimate import Estimate
from notify_core.model.verdict import Verdict
from notify_core.routing.tree import Miss, Step
from notify_core.trial.explanation import (
    DEFAULT,
    Counted,
    Explanation,
    Offer,
    Opinion,
)


def explanation_lines(
    explanation: Explanation, *, brief: bool = False
) -> Iterator[str]:
    """Yield what is explained; a line that is not indented begins a part.

    Args:
        explanation: All of it.
        brief: Leave out the settings that nobody wrote.
    """
    yield from _message(explanation)
    if explanation.problems:
        yield "It cannot be sent as it is:"
        yield from (f"  {problem}" for problem in explanation.problems)
        return
    yield "Way"
    for step in explanation.path:
        yield from _step(step)
    yield f"Settings of route {explanation.route}"
    yield from columns(
        (setting.name, f"{setting.value}  ({setting.origin})")
        for setting in explanation.settings
        if not (brief and setting.origin == DEFAULT)
    )
    yield from _policies(explanation)
    yield from _counters(explanation.counters)
    yield from _providers(explanation)


def columns(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Yield indented rows whose cells stand below each other."""
    listed = list(rows)
    widths = [max(map(len, column)) for column in zip(*listed, strict=True)]
    for row in listed:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        yield f"  {'  '.join(cells)}".rstrip()


def _message(explanation: Explanation) -> Iterator[str]:
    facts = [
        explanation.channel,
        explanation.kind,
        f"to {explanation.to}",
        explanation.template and f"template {explanation.template}",
        f"at {_time(explanation.at)}",
    ]
    yield f"Message  {', '.join(fact for fact in facts if fact)}"


def _step(step: Step) -> Iterator[str]:
    named = " (the message names it)" if step.is_named else ""
    yield f"  {step.route}{named}"
    for miss in step.missed:
        yield f"    not {miss.route}: {_miss(miss)}"


def _miss(miss: Miss) -> str:
    got = "there is none" if miss.got is None else f"it is {miss.got}"
    return f"{miss.field} has to be {miss.wanted}, and {got}"


def _policies(explanation: Explanation) -> Iterator[str]:
    if explanation.policies:
        yield "Policies"
        yield from columns(_opinion(o, explanation.at) for o in explanation.policies)
    if explanation.verdict not in (None, Verdict.ALLOW):
        yield f"Verdict  {_verdict(explanation)}"


def _verdict(explanation: Explanation) -> str:
    until = explanation.until
    told = [
        explanation.verdict,
        f"until {_time(until.astimezone(explanation.at.tzinfo))}" if until else "",
        f"({explanation.reason})" if explanation.reason else "",
        f"since {explanation.why}" if explanation.why else "",
    ]
    return " ".join(filter(None, told))


def _opinion(opinion: Opinion, at: datetime) -> tuple[str, str]:
    until = opinion.until if opinion.verdict is Verdict.DEFER else None
    told = [
        opinion.verdict,
        f"until {_time(until.astimezone(at.tzinfo))}" if until else "",
        f"since {opinion.why}" if opinion.why else "",
        f" ({opinion.origin})",
    ]
    return opinion.policy, " ".join(filter(None, told))


def _counters(counters: tuple[Counted, ...]) -> Iterator[str]:
    if counters:
        yield "Counters"
        yield from columns((c.counter, _count(c)) for c in counters)


def _count(counted: Counted) -> str:
    if counted.asks:
        return {True: "free", False: "taken", None: "not known here"}[counted.has_room]
    allowed = f"{counted.most} in {counted.window}"
    if counted.taken is None:
        return f"takes 1 of {allowed}"
    full = "" if counted.has_room else ": no room"
    return f"{counted.taken} taken of {allowed}{full}"


def _providers(explanation: Explanation) -> Iterator[str]:
    yield f"Providers of {explanation.pool}"
    offers = enumerate(explanation.providers, 1)
    tried = [(f"{n}. {offer.provider}", _offer(offer)) for n, offer in offers]
    left_out = [
        (f"-  {e.provider}", f"left out: {e.why}") for e in explanation.excluded
    ]
    yield from columns([*tried, *left_out] or [("none",)])


def _offer(offer: Offer) -> str:
    told = [
        offer.template_id and f"template {offer.template_id}",
        offer.sender and f"sender {offer.sender}",
        offer.estimate and _billed(offer.estimate),
        "it rests, as all others do" if offer.anyway else None,
    ]
    return ", ".join(fact for fact in told if fact)


def _billed(estimate: Estimate) -> str:
    parts = f"{estimate.segments} segment{'' if estimate.segments == 1 else 's'}"
    if estimate.cost is None:
        return parts
    return f"{parts}, {estimate.cost} {estimate.currency}"


def _time(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
