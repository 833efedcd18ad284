"""How fast something is: messages a second, and the CPU that each takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any

import attrs


@attrs.frozen
class Speed:
    """One loop in one round."""

    #: Messages a second.
    rate: float
    #: Microseconds of CPU a message.
    cpu: float


class Watch:
    """Measures from when it is made.

    Args:
        cpu: Tells the seconds of CPU used so far; those of this process.
    """

    def __init__(self, cpu: Callable[[], float] = time.process_time) -> None:
        self._cpu = cpu
        self._started, self._used = time.perf_counter(), cpu()

    def speed(self, many: int) -> Speed:
        """Return how fast so many messages were."""
        seconds = time.perf_counter() - self._started
        used = self._cpu() - self._used
        return Speed(rate=many / seconds, cpu=used / many * 1e6)


#: What each loop reached, round by round.
Rounds = Sequence[Mapping[str, Speed]]


def medians(rounds: Rounds) -> dict[str, Any]:
    """Return the median rate and CPU of each loop."""
    names = tuple(rounds[0])
    return {
        "rate": {n: round(median(r[n].rate for r in rounds)) for n in names},
        "cpu_us": {n: round(median(r[n].cpu for r in rounds), 1) for n in names},
    }


def ratio(rounds: Rounds, loop: str, baseline: str) -> float:
    """Return the rate of a loop by that of another, taken within a round: the median.

    Machines are noisy: what is compared has to run side by side.
    """
    return round(median(r[loop].rate / r[baseline].rate for r in rounds), 2)
