"""Lets callers in: by key, scope and rate."""

from __future__ import annotations

import logging
import math
import time
from pathlib import Path

from aiohttp import web

from notify_core.errors import ConfigurationError
from notify_core.model.rate import Rate
from notify_core.server.bucket import Buckets
from notify_core.server.keys import ApiKey, KeyFile, KeyRing, Scope
from notify_core.server.problem import Kind, Refused
from notify_core.server.visit import visit

log = logging.getLogger("notify_core.server")

#: Seconds after which a changed file of keys holds.
LOOKS_EVERY = 1.0
_SCHEME = "bearer "
#: What an operator types.
MAKES_KEYS = "`notify key create NAME --scope send`"
_HOW = f"send the header `Authorization: Bearer KEY`; {MAKES_KEYS} makes keys"
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="notify-core"'}


class Doorkeeper:
    """Knows the keys of a file; a changed file holds after a second.

    Args:
        file: Where the keys are; None: nobody is let in.
        rate: Of requests with keys of one name.

    Raises:
        ConfigurationError: The file cannot be read.
    """

    def __init__(self, file: Path | None, rate: Rate) -> None:
        self._file = None if file is None else KeyFile(file)
        self._buckets = Buckets(rate, time.monotonic)
        self._stamp: object = None
        self._ring = KeyRing()
        self._looked_at = time.monotonic()
        self._read()

    def admitted(self, request: web.Request, scope: Scope) -> ApiKey:
        """Return the key that a request shows, if it opens this.

        Raises:
            Refused: It shows none, or one that does not open this, or too often.
        """
        header = request.headers.get("Authorization", "")
        if not header[: len(_SCHEME)].lower() == _SCHEME:
            raise Refused(Kind.UNAUTHORIZED, _HOW, headers=_CHALLENGE)
        self._look()
        key = self._ring.find(header[len(_SCHEME) :].strip())
        if key is None:
            why = "the key is not, or no longer, valid"
            raise Refused(Kind.UNAUTHORIZED, why, headers=_CHALLENGE)
        if (current := visit.get()) is not None:
            current.caller = key.name  # also of one that is not let in
        self._check_rate(key)
        if scope not in key.scopes:
            raise Refused(Kind.FORBIDDEN, f"this needs a key with the scope {scope}")
        return key

    def _check_rate(self, key: ApiKey) -> None:
        seconds = self._buckets.take(key.name)
        if seconds > 0:
            wait = math.ceil(seconds)
            headers = {"Retry-After": str(wait)}
            raise Refused(Kind.RATE_LIMITED, f"ask again in {wait} s", headers=headers)

    def _look(self) -> None:
        """Read the file when it has changed; an unreadable one changes nothing."""
        now = time.monotonic()
        if now - self._looked_at < LOOKS_EVERY:
            return
        self._looked_at = now
        try:
            self._read()
        except ConfigurationError as error:
            log.error("the API keys stay as they were: %s", error)  # noqa: TRY400 (its text says all)

    def _read(self) -> None:
        if self._file is None or (stamp := self._file.stamp) == self._stamp:
            return
        self._ring = KeyRing(self._file.read())
        self._stamp = stamp
