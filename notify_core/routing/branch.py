"""A node of the routing tree: what it matches, and what stands below it."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from notify_core.routing.index import SiblingIndex
from notify_core.routing.matcher import EVERYTHING, Match
from notify_core.routing.route import Route
from notify_core.routing.traits import Known


@attrs.frozen(kw_only=True)
class Branch:
    """A route, which messages take it, and the routes below it."""

    route: Route
    match: Match = EVERYTHING
    #: The first that matches takes the message.
    branches: tuple[Branch, ...] = ()
    #: Name of the route in which each setting was written; a default has none.
    origins: Mapping[str, str] = attrs.field(factory=dict)

    _index: SiblingIndex = attrs.field(init=False, eq=False, repr=False)

    @_index.default
    def _filed(self) -> SiblingIndex:
        return SiblingIndex([branch.match for branch in self.branches])

    def next(self, known: Known) -> Branch | None:
        """Return the first branch that a message matches."""
        for position in self._index.near(known):
            if self.branches[position].match.holds(known):
                return self.branches[position]
        return None
