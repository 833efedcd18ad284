"""Delivery reports: made for an arrival, or for one that never was."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import attrs

from notify_core.model.masking import masked
from notify_core.testing.emulator.arrivals import Arrival, Arrivals, Report
from notify_core.testing.emulator.pushes import Push, Pushes, PushRequest


@attrs.frozen(kw_only=True)
class Receipts:
    """Makes delivery reports and hands them to the pushes."""

    #: How the vendor writes one; None: no URL is configured for it.
    request: Callable[[Report], PushRequest | None]
    arrivals: Arrivals
    pushes: Pushes
    clock: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]

    def push(
        self,
        id: str | None,  # noqa: A002 (the word of the control API)
        to: str | None,
        outcome: str,
    ) -> Push:
        """Begin to push a report, see `Emulator.push_receipt`."""
        arrival = self.arrivals.find(id=id, to=to)
        if arrival is None and (id is None or to is None):
            whom = masked(to) if to else f"id {id}"
            raise LookupError(f"no message arrived for {whom}: give both id and to")
        push = self._send(
            Report(
                id=id or (arrival.id if arrival else ""),
                to=to or (arrival.to if arrival else ""),
                outcome=outcome,
                at=self.clock(),
                arrival=arrival,
            )
        )
        if push is None:
            raise LookupError("no URL is configured for receipts: see the settings")
        return push

    def push_later(self, arrival: Arrival, outcome: str, delay: float) -> None:
        """Push a report of *arrival* after *delay* seconds, if there is a URL."""
        if outcome != "none":
            self.pushes.spawn(self._later(arrival, outcome, delay))

    async def _later(self, arrival: Arrival, outcome: str, delay: float) -> None:
        await self.sleep(delay)
        arrival = self.arrivals.current(arrival)
        self._send(
            Report(
                id=arrival.id,
                to=arrival.to,
                outcome=outcome,
                at=self.clock(),
                arrival=arrival,
            )
        )

    def _send(self, report: Report) -> Push | None:
        request = self.request(report)
        if request is None:
            return None
        if report.arrival:
            self.arrivals.update(attrs.evolve(report.arrival, receipt=report.outcome))
        return self.pushes.send(request)
