"""Where rows come from: a file or standard input, cut into lines of bounded length."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import attrs

from notify_core.errors import NotifyError, Problem

#: Bytes that a line may have.
LONGEST_LINE = 1024 * 1024
#: Stands for a line that is longer; what it said was passed over.
TOO_LONG = None
_PIECE = 1024 * 1024
_HASH_LENGTH = 32


class UnreadableFile(NotifyError):
    """A file cannot be imported at all; nothing of it was taken.

    Attributes:
        problems: What is wrong with it, where there is more to say.
    """

    def __init__(self, message: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


@attrs.frozen
class FileFacts:
    """What is known of a file before it is read."""

    #: 32 hexadecimal digits of the SHA-256 of its content.
    hash: str
    #: Its bytes.
    size: int


def examined(file: Path) -> FileFacts:
    """Read a file once, keeping none of it, and return what is known of it.

    Raises:
        UnreadableFile: It cannot be opened, or is not UTF-8; says where.
    """
    digest, text = sha256(), _Text()
    try:
        with file.open("rb") as stream:
            while piece := stream.read(_PIECE):
                digest.update(piece)
                text.go_on(piece)
            size = stream.tell()
        text.go_on(b"", final=True)
    except UnicodeDecodeError:
        why = f"{file} is not UTF-8, line {text.line}: write it anew in UTF-8"
        raise UnreadableFile(why) from None
    except OSError as error:
        raise UnreadableFile(f"{file} cannot be read: {error.strerror}") from error
    return FileFacts(digest.hexdigest()[:_HASH_LENGTH], size)


class _Text:
    """Makes sure that bytes are UTF-8, piece by piece.

    Attributes:
        line: The line that was come to, from 1.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self.line = 1

    def go_on(self, piece: bytes, *, final: bool = False) -> None:
        before = self._decoder.getstate()[0]
        try:
            self._decoder.decode(piece, final)
        except UnicodeDecodeError as error:
            self.line += (before + piece)[: error.start].count(b"\n")
            raise
        self.line += piece.count(b"\n")


class Lines(Iterator[str | None]):
    """Cuts a stream into lines, with their ends, and keeps one at most.

    One that is longer than lines may be is `TOO_LONG`. What is no UTF-8 becomes lone
    surrogates, which no message may have.

    Args:
        stream: Read from where it stands.

    Attributes:
        number: How many lines were begun: the number of the last one, from 1.
        consumed: Bytes that were read.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.number = 0
        self.consumed = 0

    def __next__(self) -> str | None:
        """Return the next line."""
        line = self._read()
        if not line:
            raise StopIteration
        if not self.number:
            line = line.removeprefix(codecs.BOM_UTF8)
        self.number += 1
        if len(line) > LONGEST_LINE:
            self._pass_over(line)
            return TOO_LONG
        return line.decode("utf-8", "surrogateescape")

    def _pass_over(self, line: bytes) -> None:
        while line and not line.endswith(b"\n"):
            line = self._read()

    def _read(self) -> bytes:
        line = self._stream.readline(LONGEST_LINE + 1)
        self.consumed += len(line)
        return line
