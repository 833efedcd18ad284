"""What became of the rows of one import, in numbers."""

from __future__ import annotations

from collections import Counter

import attrs

from notify_core.bulk.drafts import Draft
from notify_core.model.result import Result
from notify_core.model.status import Status

#: Where a message stands that nobody will send, when nothing was tried.
_ENDED = {Status.REJECTED, Status.SUPPRESSED, Status.EXPIRED, Status.CANCELED}


@attrs.define
class Tally:
    """Rows by what became of them."""

    #: Recorded now.
    taken: int = 0
    #: Recorded by an earlier run; nothing was done.
    repeated: int = 0
    #: Recorded, and never to be sent: by status and reason.
    ended: Counter[str] = attrs.field(factory=Counter)
    #: Not recorded: no messages, or their keys are those of others.
    invalid: int = 0

    @property
    def rows(self) -> int:
        """All of them."""
        return self.taken + self.repeated + self.ended.total() + self.invalid

    @property
    def is_whole(self) -> bool:
        """Whether every row was taken, now or earlier."""
        return self.rows == self.taken + self.repeated

    def count(self, draft: Draft, result: Result) -> None:
        """Count a row that was recorded."""
        if is_ended(result):
            self.ended[f"{result.status} ({result.reason})"] += 1
        elif result.id == draft.message.id:
            self.taken += 1
        else:
            self.repeated += 1


def is_ended(result: Result) -> bool:
    """Tell whether a message came to its end with nothing tried."""
    return result.status in _ENDED and not result.attempts
