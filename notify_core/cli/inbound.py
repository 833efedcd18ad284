"""`notify inbound`: what people replied, newest first."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import attrs
import click

from notify_core.cli.list_options import Moment, cursor_option, limit_option
from notify_core.cli.options import config_option, examples, json_option
from notify_core.cli.output import faint, plain, table, write
from notify_core.cli.stored import normalised, opened
from notify_core.model.masking import masked
from notify_core.outbox.inbound import Inbound, InboundFilter, InboundPage


@attrs.frozen(kw_only=True)
class ListedReply:
    """One reply of a list: not what it says, and the sender masked."""

    provider: str
    #: Who wrote, masked.
    sender: str
    #: Id of the message that it replies to; None: the vendor did not tell.
    message: str | None
    received_at: datetime
    #: When it was written by the vendor's clock; None: the vendor did not tell.
    at: datetime | None
    #: What they wrote, where it was asked for.
    text: str | None

    @classmethod
    def of(cls, kept: Inbound, *, with_text: bool) -> ListedReply:
        """Return what a list shows of a reply."""
        return cls(
            provider=kept.provider,
            sender=masked(kept.inbound.sender),
            message=kept.message,
            received_at=kept.received_at,
            at=kept.inbound.at,
            text=kept.inbound.text if with_text else None,
        )


@attrs.frozen(kw_only=True)
class ListedReplies:
    """A page of replies, for people and for programs."""

    inbound: tuple[ListedReply, ...]
    #: Gives the next page; None: this was the last.
    cursor: str | None

    @classmethod
    def of(cls, page: InboundPage, *, with_text: bool) -> ListedReplies:
        """Return what is shown of a page."""
        shown = [ListedReply.of(kept, with_text=with_text) for kept in page.inbound]
        return cls(inbound=tuple(shown), cursor=page.cursor)

    def lines(self) -> Iterator[str]:
        """Yield the text for people."""
        if not self.inbound:
            yield "  none"
            return
        yield from table(map(_row, self.inbound))
        if self.cursor is not None:
            yield faint(f"  there are more: --cursor {self.cursor}")


def _row(listed: ListedReply) -> tuple[str, ...]:
    return (
        listed.received_at.isoformat(sep=" ", timespec="seconds"),
        listed.sender,
        plain(listed.provider),
        listed.message or "",
        plain(listed.text or ""),
    )


@click.command(
    "inbound",
    epilog=examples(
        "notify inbound --since 2h",
        "notify inbound --from +8613800138000 --text --json",
    ),
)
@click.option("--provider", metavar="NAME", help="Which took them.")
@click.option("--from", "sender", metavar="ADDRESS", help="Who wrote: a number.")
@click.option("--since", type=Moment(), help="Received then or later; 2h: two hours.")
@click.option("--text", "with_text", is_flag=True, help="Show what was written, too.")
@limit_option
@cursor_option
@config_option
@json_option
def command(config: str, *, as_json: bool, with_text: bool, **asked: Any) -> None:
    """List what people replied, newest first; addresses are masked."""
    page = asyncio.run(_found(config, asked))
    listed = ListedReplies.of(page, with_text=with_text)
    write(listed, listed.lines(), as_json=as_json)


async def _found(config: str, asked: dict[str, Any]) -> InboundPage:
    async with opened(config) as notifier:
        if asked["sender"] is not None:
            asked["sender"] = normalised(asked["sender"], None, notifier)
        try:
            return await notifier.inbound(InboundFilter(**asked))
        except ValueError as error:
            raise click.UsageError(str(error)) from None
