"""What is told at the end of an import."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from notify_core.bulk.forecast import Forecast, Totals
from notify_core.bulk.rejects import Rejects
from notify_core.bulk.stopping import Stop
from notify_core.bulk.tally import Tally
from notify_core.cli.exit_code import ExitCode
from notify_core.cli.output import (
    bad,
    counted,
    doubtful,
    faint,
    good,
    heading,
    plain,
    write,
)

_CHANGED = "Correct them in a file of their own: a changed file is a new one."
_INTERRUPTED = "Interrupted: run the same command again to go on."


@attrs.frozen(kw_only=True)
class Report:
    """Tells what became of rows, and how the command ends."""

    #: Whether it was ended before the last row.
    stop: Stop
    as_json: bool

    def imported(self, tally: Tally, rejects: Rejects) -> ExitCode:
        """Tell what became of rows."""
        path = rejects.path if rejects.count else None
        document = {
            "rows": tally.rows,
            "taken": tally.taken,
            "repeated": tally.repeated,
            "ended": dict(tally.ended),
            "invalid": tally.invalid,
            "rejects": None if path is None else str(path),
            "complete": not self.stop.is_told,
        }
        write(document, self._tally_lines(tally, path), as_json=self.as_json)
        return self._code(is_whole=tally.is_whole)

    def forecast(self, forecast: Forecast) -> ExitCode:
        """Tell what would become of rows."""
        document = {
            "rows": forecast.rows,
            "kinds": {kind: _totals(t) for kind, t in forecast.kinds.items()},
            "invalid": forecast.invalid,
            "problems": [attrs.asdict(refusal) for refusal in forecast.first],
            "complete": not self.stop.is_told,
        }
        write(document, self._forecast_lines(forecast), as_json=self.as_json)
        return self._code(is_whole=forecast.is_whole)

    def _code(self, *, is_whole: bool) -> ExitCode:
        if self.stop.is_told:
            return ExitCode.INTERRUPTED
        return ExitCode.DONE if is_whole else ExitCode.FAILED

    def _tally_lines(self, tally: Tally, rejects: Path | None) -> Iterator[str]:
        yield heading(counted(tally.rows, "row"))
        yield f"  {good('taken')}  {tally.taken}"
        if tally.repeated:
            yield f"  {good('taken by an earlier run')}  {tally.repeated}"
        for why, many in tally.ended.most_common():
            yield f"  {doubtful(why)}  {many}"
        if tally.invalid:
            yield f"  {bad('refused')}  {tally.invalid}"
        if rejects is not None:
            yield f"  What was not taken is in {plain(str(rejects))}."
        if tally.invalid:
            yield faint(f"  {_CHANGED}")
        if self.stop.is_told:
            yield doubtful(_INTERRUPTED)

    def _forecast_lines(self, forecast: Forecast) -> Iterator[str]:
        yield heading(f"{counted(forecast.rows, 'row')}; nothing was recorded")
        for kind, totals in sorted(forecast.kinds.items()):
            yield from _totals_lines(kind, totals)
        if forecast.invalid:
            yield f"  {bad('cannot be sent as they are')}  {forecast.invalid}"
        for refusal in forecast.first:
            for problem in refusal.problems:
                yield f"    line {refusal.line}: {plain(str(problem))}"
        if self.stop.is_told:
            yield doubtful("Interrupted: these are the rows so far.")


def _totals(totals: Totals) -> dict[str, Any]:
    return {
        "rows": totals.rows,
        "eligible": totals.eligible,
        "deferred": totals.deferred,
        "left_out": dict(totals.left_out),
        "segments": totals.segments,
        "cost": {currency: str(cost) for currency, cost in totals.cost.items()},
        "providers": dict(totals.providers),
    }


def _totals_lines(kind: str, totals: Totals) -> Iterator[str]:
    cost = [f"{cost} {currency}" for currency, cost in totals.cost.items()]
    billed = ", ".join([counted(totals.segments, "segment"), *cost])
    later = f", {totals.deferred} of them later" if totals.deferred else ""
    yield f"  {kind}: {totals.eligible} of {totals.rows} can be sent{later}; {billed}"
    for provider, many in totals.providers.most_common():
        yield f"    first to {provider}  {many}"
    for why, many in totals.left_out.most_common():
        yield f"    {doubtful(why)}  {many}"
