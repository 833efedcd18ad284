"""Rows of files, whole and broken."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping

import pytest

from notify_core.bulk.rows import Format, Row, rows_of
from notify_core.bulk.source import LONGEST_LINE, Lines, UnreadableFile


def read(
    written: str | bytes,
    how: Format = Format.CSV,
    mapping: Mapping[str, str] | None = None,
) -> list[Row]:
    """Return the rows of a file."""
    data = written.encode() if isinstance(written, str) else written
    return list(rows_of(Lines(io.BytesIO(data)), how, mapping or {}))


def faults(rows: list[Row]) -> dict[int, str]:
    """Return what is wrong, by line."""
    return {row.line: row.fault for row in rows if row.fault is not None}


def recipients(rows: list[Row]) -> list[tuple[int, object]]:
    """Return line and recipient of the rows that can be read."""
    return [(row.line, row.fields["to"]) for row in rows if row.fault is None]


def test_columns_are_fields_of_a_message() -> None:
    header = "to,params.code,params.name,labels.tenant,content.text,validity"

    (row,) = read(f"{header}\n+8613800138000,1234,Li,a1,Hello,5m\n")

    assert row == Row(
        2,
        {
            "to": "+8613800138000",
            "params": {"code": "1234", "name": "Li"},
            "labels": {"tenant": "a1"},
            "content": {"text": "Hello"},
            "validity": "5m",
        },
    )


def test_columns_of_other_names_are_mapped_and_left_out() -> None:
    mapping = {"phone": "to", "code": "params.code", "notes": ""}

    (row,) = read("phone,code,notes\n1,2,3\n", mapping=mapping)

    assert row.fields == {"to": "1", "params": {"code": "2"}}


def test_an_empty_cell_says_nothing() -> None:
    (row,) = read("to,sender,labels.a\n1,,\n")

    assert row.fields == {"to": "1"}


def test_what_spreadsheets_write_is_read() -> None:
    written = '\ufeffto,content.text\r\n1,"a, ""b""\r\nc"\r\n\r\n2,d\r\n'

    rows = read(written)

    assert [(r.line, r.fields) for r in rows] == [
        (2, {"to": "1", "content": {"text": 'a, "b"\r\nc'}}),
        (5, {"to": "2", "content": {"text": "d"}}),
    ]


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        ("to,parms.code", r"column 'parms.code' is no field .* did you mean"),
        ("to,phone", "say --map phone=FIELD, or --map phone= to leave it out"),
        ("to;content.text", "say --map 'to;content.text=FIELD', or --map 'to;"),
        ("phone", r"no column fills 'to', the recipient: say --map COLUMN=to"),
        ("to;params.code", "divide columns by commas"),
        ("to,to", "2 columns fill 'to'"),
        ("to,params.", "column 'params.' is no field"),
        ("", "not even a header"),
        ('"to', "no header"),
        (b"to,\xff", "not UTF-8"),
    ],
)
def test_a_wrong_header_is_told_before_anything(
    header: str | bytes, fault: str
) -> None:
    with pytest.raises(UnreadableFile) as raised:
        read(header)

    told = [str(raised.value), *(p.message for p in raised.value.problems)]
    assert any(re.search(fault, one) for one in told), told


def test_a_mapping_of_a_column_that_is_not_there_is_told() -> None:
    with pytest.raises(UnreadableFile) as raised:
        read("to,phone\n", mapping={"phnoe": "to", "phone": ""})

    assert "did you mean 'phone'?" in raised.value.problems[0].message


def test_a_broken_row_does_not_stop_the_others() -> None:
    written = b'to,sender\n1,a\n2\n3,b,c\n4,"d"e\n\xff5,f\n6,g\n'

    rows = read(written)

    assert faults(rows) == {
        3: "has 1 cells, and the header 2",
        4: "has 3 cells, and the header 2",
        5: "',' expected after '\"'",
        6: "is not UTF-8",
    }
    assert recipients(rows) == [(2, "1"), (7, "6")]


def test_a_quotation_without_an_end_swallows_no_row_below() -> None:
    below = "".join(f"{n},x\n" for n in range(3, 1003))

    rows = read(f'to,sender\n1,a\n2,"b\n{below}')

    assert faults(rows) == {3: "unexpected end of data"}
    assert recipients(rows)[1:] == [(n + 1, str(n)) for n in range(3, 1003)]


@pytest.mark.parametrize("how", list(Format))
def test_a_line_of_any_length_is_passed_over(how: Format) -> None:
    head = "to\n" if how is Format.CSV else ""
    rest = "1\n" if how is Format.CSV else '{"to": "1"}\n'

    rows = read(head + "x" * (3 * LONGEST_LINE) + "\n" + rest, how)

    first = 1 + bool(head)
    assert faults(rows) == {first: f"is longer than {LONGEST_LINE} bytes"}
    assert recipients(rows) == [(first + 1, "1")]


def test_a_long_line_inside_a_quotation_is_passed_over_alone() -> None:
    rows = read('to\n"1\n' + "x" * (2 * LONGEST_LINE) + "\n2\n")

    assert list(faults(rows)) == [2, 3]
    assert recipients(rows) == [(4, "2")]


def test_objects_are_messages_as_they_are() -> None:
    message: dict[str, object] = {
        "to": "1",
        "params": {"days": 3},
        "extra": {"acme": {"a": [1]}},
    }

    rows = read(json.dumps(message) + "\n\n" + json.dumps({"to": "2"}), Format.NDJSON)

    assert rows == [Row(1, message), Row(3, {"to": "2"})]


def test_names_in_objects_are_mapped_too() -> None:
    mapping = {"phone": "to", "code": "params.code", "notes": ""}
    written = '{"phone": "1", "code": 7, "notes": "x", "kind": "otp"}'

    (row,) = read(written, Format.NDJSON, mapping)

    assert row.fields == {"to": "1", "params": {"code": 7}, "kind": "otp"}


def test_a_broken_object_does_not_stop_the_others() -> None:
    written = b'{"to": "1"}\n{"to"\n[1]\n\xff\n' + b"[" * 5000 + b'\n{"to": "2"}\n'

    rows = read(written, Format.NDJSON)

    assert list(faults(rows)) == [2, 3, 4, 5]
    assert recipients(rows) == [(1, "1"), (6, "2")]
