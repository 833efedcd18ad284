"""Numbers that always have a chosen outcome."""

from __future__ import annotations

import re

from notify_core.testing.emulator import Do, Raw
from notify_ihuyi.emulator.codes import ACCEPTED

#: 19900 and six digits: the vendor's code, so 1990000xxxx for a code of four digits.
_CODE = re.compile(r"19900([0-9]{6})")
_PREFIX = "1990"
_LENGTH = 11


class MagicNumbers:
    """The table of them; numbers of other forms count by their last eleven digits."""

    def __init__(self, stall: float) -> None:
        self._table = {
            # Accepted; the answer comes after the setting `stall`.
            "19901000001": Do(delay=stall),
            # The connection is closed before the submission is processed.
            "19901000002": Do(close="before"),
            # Accepted and charged; the answer is dropped; no receipt.
            "19901000003": Do(close="after", receipt="none"),
            # Accepted and charged; the answer is dropped; then the receipt is pushed.
            "19901000004": Do(close="after", receipt="delivered"),
            # Accepted; the receipt says that it failed.
            "19901000005": Do(receipt="failed"),
            # Accepted; no receipt ever.
            "19901000006": Do(receipt="none"),
            # Accepted; the answer is garbage.
            "19901000007": Do(raw=Raw(body="\ufeff<<}{ not an answer", process=True)),
            # Accepted; the answer is empty.
            "19901000008": Do(raw=Raw(process=True)),
            # A gateway's page with HTTP 502; not processed.
            "19901000009": Do(raw=_BAD_GATEWAY),
        }

    def of(self, recipient: str) -> Do | None:
        """Return what happens to *recipient*; None: nothing special."""
        number = recipient[-_LENGTH:]
        if not number.startswith(_PREFIX):
            return None
        if code := _CODE.fullmatch(number):
            return _of_code(int(code[1]))
        return self._table.get(number)


_BAD_GATEWAY = Raw(
    status=502,
    headers={"Content-Type": "text/html"},
    body="<html><body><h1>502 Bad Gateway</h1></body></html>",
)
#: Accepted if everything about it is right, free of the limits for one number.
_ORDINARY = Do()


def _of_code(code: int) -> Do:
    return _ORDINARY if code == ACCEPTED else Do(code=str(code))
