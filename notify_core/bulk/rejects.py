"""Writes down the rows that were not taken: a line of JSON for each."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import msgspec

from notify_core.bulk.drafts import Refusal
from notify_core.bulk.source import UnreadableFile
from notify_core.model.result import Result


class Rejects:
    """A file of rows that were not taken; without any it is removed at the end.

    It holds line numbers and faults, no addresses and nothing of what was said.

    Args:
        path: What stands there is replaced.

    Raises:
        UnreadableFile: It cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        try:
            self._file: BinaryIO = path.open("wb")
        except OSError as error:
            why = f"{path} cannot be written: {error.strerror}"
            raise UnreadableFile(f"{why}; name another --rejects FILE") from error

    def refused(self, refusal: Refusal) -> None:
        """Write down a row that is no message."""
        told = [{"pointer": p.pointer, "message": p.message} for p in refusal.problems]
        self._write({"line": refusal.line, "problems": told})

    def ended(self, line: int, result: Result) -> None:
        """Write down a row that is a message, and will not be sent."""
        told = {"status": result.status, "reason": result.reason, "why": result.why}
        self._write({"line": line, "message": result.id, **told})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()
        if not self.count:
            self.path.unlink(missing_ok=True)

    def _write(self, told: dict[str, object]) -> None:
        self.count += 1
        self._file.write(msgspec.json.encode(told) + b"\n")
