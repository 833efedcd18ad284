"""Steps at which a worker is killed, as by the system: nothing is said or written."""

from __future__ import annotations

import os
import signal
from enum import StrEnum

import attrs


class Step(StrEnum):
    """What was done when the worker was killed."""

    #: The attempt was recorded; nothing of it was written.
    RECORDED = "recorded"
    #: The request was written; no answer came yet.
    WRITTEN = "written"
    #: The vendor answered; nothing of that was recorded.
    ANSWERED = "answered"


@attrs.define
class Failpoint:
    """Kills this process at one step, when it comes there for the so-many-th time."""

    step: Step | None
    times: int

    def reached(self, step: Step) -> None:
        """Die, if it is time."""
        if step is self.step:
            self.times -= 1
            if self.times <= 0:
                os.kill(os.getpid(), signal.SIGKILL)
