"""Reads what stands outside the configuration: environment variables and files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import attrs

#: Nothing that a reference names is longer, in bytes.
_MAX_SIZE = 64 * 1024
#: How each kind of reference is written.
WRITTEN = {"env": "{env: NAME}", "file": "{file: path}"}
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Referenced(str):
    """A text that a reference led to: checked like any other, never shown.

    Attributes:
        source: Where it came from, for people.
        is_secret: Whether it becomes a `Secret` once it is checked.
    """

    source: str
    is_secret: bool

    def __new__(cls, text: str, source: str, *, is_secret: bool) -> Referenced:
        """Mark *text*."""
        made = super().__new__(cls, text)
        made.source = source
        made.is_secret = is_secret
        return made

    def __repr__(self) -> str:
        return f"<what {self.source} holds>"


@attrs.frozen(kw_only=True)
class References:
    """Where references lead."""

    environ: Mapping[str, str] = attrs.field(repr=False)
    #: Where relative paths begin.
    folder: Path
    #: The files that were named so far.
    files: set[Path] = attrs.field(factory=set, init=False)

    def follow(self, reference: Mapping[str, str], *, is_secret: bool) -> Referenced:
        """Return the text that `{env: NAME}` or `{file: path}` names.

        Raises:
            ValueError: There is none; the message names the reference.
        """
        [(kind, name)] = reference.items()
        source, text = self._variable(name) if kind == "env" else self._file(name)
        if not text.strip():
            raise ValueError(f"is empty: {source} holds nothing")
        return Referenced(text, source, is_secret=is_secret)

    def _variable(self, name: str) -> tuple[str, str]:
        if not _VARIABLE.fullmatch(name):
            # Not shown: it may be the secret itself, written in the wrong place.
            raise ValueError("names no environment variable: letters, digits and _")
        source = f"the environment variable {name}"
        if name not in self.environ:
            raise ValueError(f"has no value: {source} is not set")
        text = self.environ[name]
        try:
            text.encode()
        except UnicodeEncodeError:
            # Not chained: the exception carries the text.
            raise ValueError(f"has no value: {source} is not UTF-8") from None
        return source, text

    def _file(self, path: str) -> tuple[str, str]:
        source = f"the file {self.folder / path}"
        self.files.add(self.folder / path)
        try:
            with (self.folder / path).open("rb") as stream:
                written = stream.read(_MAX_SIZE + 1)
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise ValueError(f"has no value: {source}: {why}") from error
        return source, _decoded(written, source)


def _decoded(written: bytes, source: str) -> str:
    if len(written) > _MAX_SIZE:
        raise ValueError(f"has no value: {source} is larger than {_MAX_SIZE} bytes")
    try:
        text = written.decode()
    except UnicodeDecodeError:
        # Not chained: the exception carries the text.
        raise ValueError(f"has no value: {source} is not UTF-8") from None
    return text.removesuffix("\n").removesuffix("\r")


def meant_reference(value: Any) -> str | None:
    """Return what `{evn: NAME}` was meant to be; None: nothing comes near to it.

    The key itself is not shown: it may be a secret whose quotes are missing.
    """
    if not isinstance(value, dict) or len(value) != 1:
        return None
    close = [
        written
        for kind, written in WRITTEN.items()
        if get_close_matches(kind, map(str.lower, value))
    ]
    return f"is no reference; did you mean {close[0]}?" if close else None


def is_reference(value: Any) -> bool:
    """Tell `{env: NAME}` and `{file: path}` from everything else."""
    return (
        isinstance(value, dict)
        and len(value) == 1
        and not value.keys().isdisjoint(("env", "file"))
        and all(isinstance(name, str) for name in value.values())
    )
