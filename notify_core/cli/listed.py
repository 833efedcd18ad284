"""How a page of messages is shown."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from notify_core.cli.output import bad, doubtful, faint, good, plain, table
from notify_core.model.status import Status
from notify_core.outbox.listed import Listed
from notify_core.outbox.listing import Page

_STYLES = {
    Status.ACCEPTED: good,
    Status.SENT: good,
    Status.DELIVERED: good,
    Status.REJECTED: bad,
    Status.EXPIRED: bad,
    Status.UNDELIVERED: bad,
}


@attrs.frozen(kw_only=True)
class ListedPage:
    """A page of messages, for people and for programs."""

    messages: tuple[Listed, ...]
    #: Gives the next page; None: this was the last.
    cursor: str | None

    @classmethod
    def of(cls, page: Page) -> ListedPage:
        """Return what is shown of a page."""
        return cls(messages=tuple(map(Listed.of, page.records)), cursor=page.cursor)

    def lines(self) -> Iterator[str]:
        """Yield the text for people."""
        if not self.messages:
            yield "  none"
            return
        yield from table(map(_row, self.messages))
        if self.cursor is not None:
            yield faint(f"  there are more: --cursor {self.cursor}")


def _row(listed: Listed) -> tuple[str, ...]:
    why = listed.dead or listed.reason or ""
    style = _STYLES.get(listed.status, doubtful)
    return (
        listed.id,
        listed.accepted_at.isoformat(sep=" ", timespec="seconds"),
        listed.to,
        plain(listed.template or ""),
        plain(listed.provider or ""),
        f"{style(listed.status)} {why}".rstrip(),
    )
