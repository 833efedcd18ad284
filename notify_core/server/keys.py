"""API keys: who asks, and what they may do. Only hashes are kept."""

from __future__ import annotations

import hmac
import json
import os
import re
import secrets
import tempfile
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Self

import attrs

from notify_core.errors import ConfigurationError, InvalidMessage
from notify_core.secret import Secret
from notify_core.wire import from_json, to_builtins

#: How every key begins, so that scanners of leaked secrets know one.
_PREFIX = "nk"
_ID_BYTES, _SECRET_BYTES = 6, 32
_NAME = re.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_KEY = re.compile(rf"{_PREFIX}_([0-9a-f]{{12}})_[A-Za-z0-9_-]{{43}}")


class Scope(StrEnum):
    """What a key opens."""

    #: Send messages, and cancel them.
    SEND = "send"
    #: Look at messages, providers and the suppression list; explain routes.
    READ = "read"
    #: Pause and resume providers, replay, change the suppression list, reload.
    ADMIN = "admin"
    #: Read the metrics.
    METRICS = "metrics"


@attrs.frozen(kw_only=True)
class ApiKey:
    """One key, as far as it is kept."""

    #: The part of the key that is no secret.
    id: str
    #: Whose it is. Several keys of one name are one caller, as while one replaces
    #: another: they share the rate and the idempotency keys.
    name: str
    scopes: frozenset[Scope]
    #: SHA-256 of the whole key, in hexadecimal; a key has 256 random bits.
    hash: str = attrs.field(repr=False)
    #: With time zone.
    created_at: datetime

    @classmethod
    def new(
        cls, name: str, scopes: Iterable[Scope], now: datetime
    ) -> tuple[Self, Secret]:
        """Make a key; return what is kept of it, and the key, which is shown once.

        Raises:
            ValueError: The name cannot be one, or no scope is given.
        """
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name: letters, digits, '.', '_' and '-'")
        if not (given := frozenset(scopes)):
            raise ValueError("a key without a scope opens nothing: name one")
        identifier = secrets.token_hex(_ID_BYTES)
        text = f"{_PREFIX}_{identifier}_{secrets.token_urlsafe(_SECRET_BYTES)}"
        key = cls(
            id=identifier, name=name, scopes=given, hash=_hashed(text), created_at=now
        )
        return key, Secret(text)


@attrs.frozen(kw_only=True)
class _Kept:
    """What the file says."""

    version: int
    keys: tuple[ApiKey, ...]


class KeyRing:
    """Some keys, to be found by what a caller shows."""

    def __init__(self, keys: Iterable[ApiKey] = ()) -> None:
        self._by_id = {key.id: key for key in keys}

    def find(self, shown: str) -> ApiKey | None:
        """Return the key that a caller shows; None: it is none of these."""
        written = _KEY.fullmatch(shown)
        key = self._by_id.get(written[1]) if written else None
        # Compared in any case, so that the time does not tell which ids there are.
        fits = hmac.compare_digest(key.hash if key else _NO_HASH, _hashed(shown))
        return key if fits else None


class KeyFile:
    """The file where keys are kept."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def stamp(self) -> tuple[int, int, int] | None:
        """What changes when the file does; None: there is none."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def read(self) -> tuple[ApiKey, ...]:
        """Return the keys, oldest first; none where there is no file.

        Raises:
            ConfigurationError: It cannot be read, or is no file of keys.
        """
        try:
            kept = from_json(_Kept, self.path.read_bytes())
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise ConfigurationError(f"{self.path}: {error.strerror}") from error
        except InvalidMessage as error:
            raise ConfigurationError(
                f"{self.path} is no file of keys:", error.problems
            ) from None
        if kept.version != 1:
            raise ConfigurationError(f"{self.path} has version {kept.version}, not 1")
        return kept.keys

    def write(self, keys: Iterable[ApiKey]) -> None:
        """Put these keys in the place of what is there; all of them, or nothing.

        Raises:
            ConfigurationError: It cannot be written.
        """
        content = to_builtins(_Kept(version=1, keys=tuple(keys)))
        try:
            _replace(self.path, json.dumps(content, indent=2) + "\n")
        except OSError as error:
            raise ConfigurationError(f"{self.path}: {error.strerror}") from error


def _replace(path: Path, text: str) -> None:
    """Write a file beside another one and put it in its place; only we can read it."""
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(number, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _hashed(key: str) -> str:
    return sha256(key.encode(errors="surrogatepass")).hexdigest()


_NO_HASH = _hashed("")
