"""Reads rows: each with its line number, and its fields or what is wrong with it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Protocol

import attrs
import msgspec

from notify_core.bulk.columns import Columns, Way, put, way_to
from notify_core.bulk.source import LONGEST_LINE, TOO_LONG, Lines, UnreadableFile

_LENGTH_FAULT = f"is longer than {LONGEST_LINE} bytes"
_NOT_UTF8 = "is not UTF-8"


class Format(StrEnum):
    """How rows are written."""

    #: Comma-separated values (RFC 4180), with a header.
    CSV = "csv"
    #: A JSON object in each line.
    NDJSON = "ndjson"


@attrs.frozen
class Row:
    """One row, as it is written."""

    #: Number of the line in which it begins, from 1.
    line: int
    #: What it says of the message; of no use where there is a fault.
    fields: dict[str, object]
    #: Why it could not be read; None: it could.
    fault: str | None = None


class Rows(Protocol):
    """Rows, one after the other; a broken one does not end them."""

    def __iter__(self) -> Iterator[Row]: ...


def rows_of(lines: Lines, how: Format, mapping: Mapping[str, str]) -> Rows:
    """Return the rows of a stream.

    Args:
        lines: From the first one on.
        how: How they are written.
        mapping: Name in the file to field of the message; empty: left out.

    Raises:
        UnreadableFile: Its header cannot be used.
    """
    if how is Format.NDJSON:
        return ObjectRows(lines, mapping)
    return TableRows(lines, mapping)


class TableRows:
    """Rows of comma-separated values.

    A cell in quotes may have several lines. Where its end is missing, the line in
    which it begins is broken, and the next one is read as a row of its own.

    Raises:
        UnreadableFile: There is no header, or it cannot be used.
    """

    def __init__(self, lines: Lines, mapping: Mapping[str, str]) -> None:
        self._fed = _Fed(lines)
        csv.field_size_limit(LONGEST_LINE)
        self._reader = csv.reader(self._fed, strict=True)
        self._columns = Columns.of(self._header(), mapping)

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows below the header; empty lines are none."""
        while True:
            line = self._fed.begin_row()
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                self._fed.give_back()
                yield Row(line, {}, str(error))
                continue
            if cells:
                yield self._row(line, cells)

    def _row(self, line: int, cells: list[str]) -> Row:
        wanted = len(self._columns.ways)
        if len(cells) != wanted:
            return Row(line, {}, f"has {len(cells)} cells, and the header {wanted}")
        if not _is_text("".join(cells)):
            return Row(line, {}, _NOT_UTF8)
        return Row(line, self._columns.filled(cells))

    def _header(self) -> list[str]:
        try:
            header = next((cells for cells in self._reader if cells), None)
        except csv.Error as error:
            raise UnreadableFile(f"its first line is no header: {error}") from None
        if header is None:
            raise UnreadableFile("there is nothing in it: not even a header")
        if not _is_text("".join(header)):
            raise UnreadableFile(f"its first line {_NOT_UTF8}")
        return header


class _Fed(Iterator[str]):
    """Lines on their way to the reader of a table; those of one row can go back."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        #: Given back; the next one is the last.
        self._waiting: list[str | None] = []
        self._of_row: list[str | None] = []
        self._number = 0

    def begin_row(self) -> int:
        """Return the number of the line in which the next row begins."""
        self._of_row.clear()
        return self._number + 1

    def give_back(self) -> None:
        """Let all lines of the row but the first be read again."""
        rest = self._of_row[1:]
        self._waiting += reversed(rest)
        self._number -= len(rest)

    def __next__(self) -> str:
        line = self._waiting.pop() if self._waiting else next(self._lines)
        self._number += 1
        self._of_row.append(line)
        if line is TOO_LONG:
            raise csv.Error(_LENGTH_FAULT)
        return line


class ObjectRows:
    """Rows that are JSON objects, one in each line."""

    def __init__(self, lines: Lines, mapping: Mapping[str, str]) -> None:
        self._lines = lines
        self._ways: dict[str, Way | None] = {
            name: way_to(field) for name, field in mapping.items()
        }

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows; empty lines are none."""
        for written in self._lines:
            if written is TOO_LONG:
                yield Row(self._lines.number, {}, _LENGTH_FAULT)
            elif not written.isspace():
                yield self._row(written)

    def _row(self, written: str) -> Row:
        line = self._lines.number
        if not _is_text(written):
            return Row(line, {}, _NOT_UTF8)
        try:
            found = msgspec.json.decode(written)
        except (msgspec.MsgspecError, RecursionError) as error:
            return Row(line, {}, f"is no JSON: {error}")
        if not isinstance(found, dict):
            return Row(line, {}, "is no JSON object")
        return Row(line, self._mapped(found) if self._ways else found)

    def _mapped(self, found: dict[str, object]) -> dict[str, object]:
        fields = {name: v for name, v in found.items() if name not in self._ways}
        for name, way in self._ways.items():
            if way is not None and name in found:
                put(fields, way, found[name])
        return fields


def _is_text(text: str) -> bool:
    """Tell whether everything in it was UTF-8."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
