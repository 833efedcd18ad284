"""The connections of one event loop, and what each is for."""

from __future__ import annotations

import attrs

from notify_core.outbox.port import Change
from notify_core.outbox.postgres import parking
from notify_core.outbox.postgres.adding import Added, Adding, Given
from notify_core.outbox.postgres.changing import Wanted
from notify_core.outbox.postgres.claiming import Claiming
from notify_core.outbox.postgres.gathering import Gathering
from notify_core.outbox.postgres.line import Line
from notify_core.outbox.postgres.messages import Messages
from notify_core.outbox.postgres.news import News
from notify_core.outbox.postgres.parking import Names
from notify_core.outbox.postgres.schema import Schema
from notify_core.outbox.postgres.server import Server
from notify_core.outbox.postgres.swift import Swift

#: Groups of messages, and changes, in one transaction.
MOST_AT_ONCE = 500


class Desk:
    """Six connections, each opened when it is first used."""

    def __init__(
        self,
        server: Server,
        schema: Schema,
        messages: Messages,
        adding: Adding,
        swift: Swift,
    ) -> None:
        self._adding = Line(server, schema.prepare)
        self._changing = Line(server, schema.prepare)
        self.additions: Gathering[Given, Added]
        self.additions = Gathering(self._adding, adding, MOST_AT_ONCE)
        self.changes: Gathering[Wanted, Change]
        self.changes = Gathering(self._changing, swift, MOST_AT_ONCE, plainly=True)
        # A claim that a crash of the server undoes was of a run that wrote nothing yet:
        # its first write, which waits for the disk, takes the claim along.
        hasty = attrs.evolve(server, waits_for_disk=False)
        self._claims = Line(hasty, schema.prepare)
        self.claiming = Claiming(self._claims, messages)
        #: For what is written besides.
        self.writing = Line(server, schema.prepare)
        #: For what is only read, so that nothing that is written keeps it waiting.
        self.questions = Line(server, schema.prepare)
        self.looks: Gathering[Names, bool]
        self.looks = Gathering(
            self.questions, parking.are_any, MOST_AT_ONCE, plainly=True
        )
        self.news = News(server, schema)

    async def aclose(self) -> None:
        """Write what was given, and close the connections."""
        await self.additions.aclose()
        await self.changes.aclose()
        await self.looks.aclose()
        for line in (
            self._adding,
            self._changing,
            self._claims,
            self.writing,
            self.questions,
        ):
            await line.aclose()
        await self.news.aclose()
