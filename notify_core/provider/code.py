"""What the codes of a vendor mean."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import attrs

from notify_core.model.attempt import Answer
from notify_core.model.outcome import Outcome, Reason, Scope


@attrs.frozen(kw_only=True)
class Code:
    """What one code of a vendor means."""

    #: `none` for the codes that mean accepted.
    reason: Reason
    #: The vendor's own words, from its documentation.
    text: str
    scope: Scope = Scope.MESSAGE
    #: From the time of the answer: when the vendor may be asked again.
    retry_at: Callable[[datetime], datetime] | None = None
    #: A request made afresh may cure it: repeated once.
    repeatable: bool = False
    #: What to do about it, where the vendor's words do not tell.
    advice: str | None = None

    def words(self, text: str | None) -> str | None:
        """Return the vendor's words, and what to do where they do not tell."""
        said = text or self.text
        return f"{said} ({self.advice})" if self.advice else said or None


_UNMAPPED = Code(reason=Reason.UNMAPPED, text="")


def coded_answer(
    known: Code | None,
    code: str,
    *,
    text: str | None,
    now: datetime,
    provider_id: str | None = None,
    retry_at: datetime | None = None,
    segments: int | None = None,
) -> Answer:
    """Return what a vendor's *code* means.

    Args:
        known: The code's row in the vendor's table; None is `unmapped`.
        code: As the vendor gave it.
        text: The vendor's words in this answer; None: those of the table.
        now: The time of the answer.
        provider_id: The vendor's id of the message.
        retry_at: When the vendor may be asked again, where this answer says so.
        segments: How many parts the vendor bills, where this answer says so.
    """
    known = known or _UNMAPPED
    accepted = known.reason in (Reason.NONE, Reason.DUPLICATE_REQUEST)
    return Answer(
        outcome=Outcome.ACCEPTED if accepted else Outcome.REJECTED,
        reason=known.reason,
        scope=known.scope,
        code=code,
        text=known.words(text),
        provider_id=provider_id,
        retry_at=retry_at or (known.retry_at(now) if known.retry_at else None),
        repeatable=known.repeatable,
        segments=segments,
    )


def refused_question(known: Code | None, code: str, text: str | None) -> str:
    """Return why a question was refused, for `ProviderUnavailable`."""
    words = known.words(text) if known else text
    return f"refused with {code} {words or ''}".rstrip()
