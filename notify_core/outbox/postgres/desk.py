"""The connections of one event loop, and what each is for."""

from __future__ import annotations

from notify_core.outbox.port import Change
from notify_core.outbox.postgres.adding import Added, Adding, Given
from notify_core.outbox.postgres.changing import Changing, Wanted
from notify_core.outbox.postgres.claiming import Claiming
from notify_core.outbox.postgres.gathering import Gathering
from notify_core.outbox.postgres.line import Line
from notify_core.outbox.postgres.messages import Messages
from notify_core.outbox.postgres.news import News
from notify_core.outbox.postgres.schema import Schema
from notify_core.outbox.postgres.server import Server

#: Groups of messages, and changes, in one transaction.
MOST_AT_ONCE = 500


class Desk:
    """Five connections, each opened when it is first used."""

    def __init__(
        self,
        server: Server,
        schema: Schema,
        messages: Messages,
        adding: Adding,
        changing: Changing,
    ) -> None:
        self._adding = Line(server, schema.prepare)
        self._changing = Line(server, schema.prepare)
        self.additions: Gathering[Given, Added]
        self.additions = Gathering(self._adding, adding, MOST_AT_ONCE)
        self.changes: Gathering[Wanted, Change]
        self.changes = Gathering(self._changing, changing, MOST_AT_ONCE)
        #: For claims, and what is written besides.
        self.claims = Line(server, schema.prepare)
        self.claiming = Claiming(self.claims, messages)
        #: For what is only read, so that nothing that is written keeps it waiting.
        self.questions = Line(server, schema.prepare)
        self.news = News(server, schema)

    async def aclose(self) -> None:
        """Write what was given, and close the connections."""
        await self.additions.aclose()
        await self.changes.aclose()
        for line in (self._adding, self._changing, self.claims, self.questions):
            await line.aclose()
        await self.news.aclose()
