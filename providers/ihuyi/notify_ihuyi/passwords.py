"""How a request proves whose it is.

Source: the vendor's API document v3.3 of 2018-05-16. The dynamic password is an MD5
over plain UTF-8 text without separators; the vendor fixes the algorithm.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import md5
from urllib.parse import quote_plus

import attrs

from notify_core.secret import Secret


def dynamic_password(api_id: str, api_key: str, *signed: str) -> str:
    """Return the password that holds for one request, and for a while.

    Args:
        api_id: The APIID, sent as `account`.
        api_key: The APIKEY, which is not sent.
        signed: For Submit `mobile`, `content` and `time` exactly as sent; for GetNum
            `time` alone.
    """
    plain = "".join((api_id, api_key, *signed))
    return md5(plain.encode(), usedforsecurity=False).hexdigest()


@attrs.frozen(kw_only=True)
class Credentials:
    """What proves that a request is the account's."""

    api_id: str
    api_key: Secret
    #: Send a hash over the request and the time instead of the key.
    dynamic: bool

    def fields(self, now: datetime, *signed: str) -> str:
        """Return the form fields, encoded, for a request that is written *now*."""
        if not self.dynamic:
            return self.static_fields()
        time = str(int(now.timestamp()))
        password = dynamic_password(self.api_id, self.api_key.reveal(), *signed, time)
        return f"password={password}&time={time}"

    def static_fields(self) -> str:
        """Return the form field that carries the key itself, encoded."""
        return f"password={quote_plus(self.api_key.reveal())}"
