"""Who a vendor refuses to write to: noted for a day, so that it is not asked again."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

#: How long a vendor's refusal of a recipient is remembered.
REMEMBERED = timedelta(hours=24)
#: Refusals kept; the oldest go first, and the vendor says them again.
MOST = 100_000


class VendorRefusals:
    """The recipients that are on a vendor's blacklist, by account; for one process."""

    def __init__(self) -> None:
        self._until: OrderedDict[tuple[str, str], datetime] = OrderedDict()

    def note(self, account: str, address: str, now: datetime) -> None:
        """Note that the vendor of an account refuses an address."""
        self._until[account, address] = now + REMEMBERED
        self._until.move_to_end((account, address))
        if len(self._until) > MOST:
            self._until.popitem(last=False)

    def why_not(self, account: str, address: str, now: datetime) -> str | None:
        """Return why an account is not asked for an address; None: it may be."""
        if not self._until:
            return None
        until = self._until.get((account, address))
        if until is None or until <= now:
            return None
        return f"its vendor blocks the recipient; asked again after {until:%H:%M} UTC"
