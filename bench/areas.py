"""Where the CPU of one `Notifier.send` goes: loops, of which each does more.

The first is the tuned loop and the last the whole `Notifier.send`. What a loop costs
more than the one before it is the cost of what it does more, so the areas add up to
the whole. In each round all run in turn, for the same number of messages. An area may
be less than nothing: a provider may encode its request quicker than the tuned loop.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from itertools import islice, pairwise
from math import inf
from typing import Any
from urllib.parse import urlencode

from yarl import URL

from bench.language import PROVIDER, configuration
from bench.send import SUBMIT, Send, fields, measured, message, notify, numbers, tuned
from bench.send import provider as account
from notify_core import Answer, Metrics, Notifier, Outcome, Plugins
from notify_core.config import load
from notify_core.dispatch.entered import Entered, enter
from notify_core.http import HttpResponse
from notify_core.provider import Submission
from notify_core.transmission import Timeouts, Wire

AT_ONCE = 64
#: What each loop does more than the one before, in the order of the loops.
AREAS = {
    "tuned": "the tuned loop",
    "http": "our HTTP layer",
    "provider": "the provider",
    "decide": "accept, route, admit",
    "plan": "plan",
    "attempt": "attempt and record",
    "observe": "metrics and log",
}
_FORM = "application/x-www-form-urlencoded"
_TIMEOUTS = Timeouts()


class Steps:
    """The loops between the tuned one and the whole.

    Args:
        notifier: An open one that nobody observes.
        base: Where the stub is.
    """

    def __init__(self, notifier: Notifier, base: str) -> None:
        self._notifier = notifier
        unit = notifier.engine.units[PROVIDER]
        self._http, self._submit = unit.http, unit.provider.submit
        self._url = URL(base + SUBMIT)
        #: Submissions that were made beforehand: to make one is part of the plan.
        self._made = [self._planned(mobile) for mobile in islice(numbers(), AT_ONCE)]

    async def http(self, mobile: str) -> object:
        """Make the tuned loop's request, and know whether it was written."""
        body = urlencode(fields(mobile)).encode()
        return await self._http.submit(
            self._url,
            body,
            content_type=_FORM,
            timeouts=_TIMEOUTS,
            wire=Wire(),
            read=_read,
        )

    async def provider(self, mobile: str) -> object:
        """Have the provider make the request, and read the answer."""
        submission = self._made.pop()
        submission.wire.begun = False
        answer = await self._submit(submission)
        self._made.append(submission)
        return answer

    async def decide(self, mobile: str) -> object:
        """Make a message before that, accept it, route it, and ask its policies."""
        self._entered(mobile)
        return await self.provider(mobile)

    async def plan(self, mobile: str) -> object:
        """Order the providers of its route before that, and render it for each."""
        return await self._submit(self._planned(mobile))

    async def attempt(self, mobile: str) -> object:
        """Send it: note the attempt in the outbox, then its answer and the end."""
        return await self._notifier.send(message(mobile))

    def _entered(self, mobile: str) -> Entered:
        engine, snapshot = self._notifier.engine, self._notifier.snapshot
        return enter(message(mobile), snapshot, engine.clock.now(), keeps=False)

    def _planned(self, mobile: str) -> Submission:
        entered = self._entered(mobile)
        record, planner = entered.ready, self._notifier.engine.planner
        plan = planner.plan(record, entered.route, record.accepted_at)
        return plan.candidates[0].submission


def _read(response: HttpResponse) -> Answer | None:
    return Answer(outcome=Outcome.ACCEPTED) if response.json_object() else None


@asynccontextmanager
async def _unobserved(base: str) -> AsyncIterator[Notifier]:
    """Open a notifier without metrics and log."""
    plugins = Plugins()
    snapshot = load(configuration(account(base), routes=0, policies=0), plugins)
    async with Notifier(snapshot, plugins=plugins, metrics=Metrics()) as notifier:
        yield notifier


async def run(base: str, many: int, rounds: int) -> dict[str, Any]:
    """Measure every loop and return what each area costs."""
    async with (
        tuned(base) as bare,
        _unobserved(base) as silent,
        notify(base, routes=0, policies=0) as whole,
    ):
        steps = Steps(silent, base)
        loops = {
            "tuned": bare,
            "http": steps.http,
            "provider": steps.provider,
            "decide": steps.decide,
            "plan": steps.plan,
            "attempt": steps.attempt,
            "observe": whole,
        }
        costs = await _costs(loops, many, rounds)
    return {"messages": many, "rounds": rounds, "at_once": AT_ONCE, **_areas(costs)}


async def _costs(loops: Mapping[str, Send], many: int, rounds: int) -> dict[str, float]:
    """Return the least CPU that a message took in each loop, in any round."""
    mobiles = numbers()
    least = dict.fromkeys(loops, inf)
    for _ in range(rounds):
        for name, send in loops.items():
            speed = await measured(send, mobiles, many, AT_ONCE)
            least[name] = min(least[name], speed.cpu)
    return {name: round(cost, 1) for name, cost in least.items()}


def _areas(costs: Mapping[str, float]) -> dict[str, Any]:
    steps = pairwise([0.0, *costs.values()])
    more = [round(cost - before, 1) for before, cost in steps]
    whole = list(costs.values())[-1]
    return {
        "cpu_us": dict(zip(costs, more, strict=True)),
        "whole_us": whole,
        "added_us": round(whole - costs["tuned"], 1),
    }


def lines(figures: Mapping[str, Any]) -> Iterator[str]:
    """Yield the areas for people."""
    yield f"µs of CPU a message, {figures['at_once']} at once"
    for name, cost in figures["cpu_us"].items():
        yield f"{AREAS[name]:<24}{cost:>7}"
    yield f"{'Notifier.send':<24}{figures['whole_us']:>7}"
    yield f"{'added to the tuned loop':<24}{figures['added_us']:>7}"
