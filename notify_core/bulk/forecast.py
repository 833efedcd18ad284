"""What would become of rows: counted by kind, with segments and cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from decimal import Decimal
from itertools import islice

import attrs

from notify_core.bulk.drafts import Drafting, Refusal
from notify_core.bulk.rows import Row, Rows
from notify_core.bulk.stopping import Stop
from notify_core.model.message import Message
from notify_core.model.verdict import Verdict
from notify_core.trial.explanation import Explanation

#: `Notifier.explain`.
Explain = Callable[[Message], Awaitable[Explanation]]

#: Faulty rows that are shown.
MOST_SHOWN = 10
#: Rows between two looks at the clock.
_AT_ONCE = 100


@attrs.define
class Totals:
    """Rows of one kind."""

    rows: int = 0
    #: Those that a provider would be asked to send, now or later.
    eligible: int = 0
    #: Of these, those that would wait first.
    deferred: int = 0
    #: The others, by why.
    left_out: Counter[str] = attrs.field(factory=Counter)
    #: Billable parts of the eligible ones, at the provider that is asked first.
    segments: int = 0
    #: What these cost, by currency, where the price is configured.
    cost: dict[str, Decimal] = attrs.field(factory=dict)
    #: Eligible rows by the provider that is asked first.
    providers: Counter[str] = attrs.field(factory=Counter)

    def count(self, explanation: Explanation) -> None:
        """Count a message that can be sent as it is."""
        self.rows += 1
        why = _why_not(explanation)
        if why is not None:
            self.left_out[why] += 1
            return
        self.eligible += 1
        self.deferred += explanation.until is not None
        offer = explanation.providers[0]
        self.providers[offer.provider] += 1
        if (told := offer.estimate) is not None:
            self.segments += told.segments
            if told.cost is not None and told.currency is not None:
                before = self.cost.get(told.currency, Decimal(0))
                self.cost[told.currency] = before + told.cost


@attrs.define
class Forecast:
    """What would become of all rows; nothing is sent, counted or recorded."""

    kinds: dict[str, Totals] = attrs.field(factory=dict)
    #: Rows that are no messages, or cannot be sent as they are.
    invalid: int = 0
    #: The first of them.
    first: list[Refusal] = attrs.field(factory=list)

    @property
    def rows(self) -> int:
        """All of them."""
        return self.invalid + sum(totals.rows for totals in self.kinds.values())

    @property
    def is_whole(self) -> bool:
        """Whether every row could be sent."""
        eligible = sum(totals.eligible for totals in self.kinds.values())
        return self.rows == eligible

    def refuse(self, refusal: Refusal) -> None:
        """Count a row that cannot be sent as it is."""
        self.invalid += 1
        if len(self.first) < MOST_SHOWN:
            self.first.append(refusal)

    def count(self, explanation: Explanation) -> None:
        """Count a message that can be sent as it is."""
        self.kinds.setdefault(str(explanation.kind), Totals()).count(explanation)


@attrs.frozen(kw_only=True)
class Forecasting:
    """One look ahead."""

    drafting: Drafting
    explain: Explain
    #: Told of each row that cannot be sent as it is.
    refuse: Callable[[Refusal], None]
    progress: Callable[[int], None]
    stop: Stop = attrs.field(factory=Stop)

    async def run(self, rows: Rows) -> Forecast:
        """Return what would become of all rows."""
        forecast, left = Forecast(), iter(rows)
        while some := self.stop.unless_told(lambda: list(islice(left, _AT_ONCE))):
            for row in some:
                await self._look_at(row, forecast)
            self.progress(forecast.rows)
        return forecast

    async def _look_at(self, row: Row, forecast: Forecast) -> None:
        draft = self.drafting.drafted(row)
        if not isinstance(draft, Refusal):
            explanation = await self.explain(draft.message)
            if not explanation.problems:
                forecast.count(explanation)
                return
            draft = Refusal(draft.line, explanation.problems)
        forecast.refuse(draft)
        self.refuse(draft)


def _why_not(explanation: Explanation) -> str | None:
    """Return why no provider would be asked; None: one would."""
    if explanation.verdict not in (None, Verdict.ALLOW):
        return f"{explanation.verdict} ({explanation.reason})"
    return None if explanation.providers else "no_provider"
