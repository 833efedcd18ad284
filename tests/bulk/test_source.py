"""Files before and while they are read."""

from __future__ import annotations

import io
from hashlib import sha256
from pathlib import Path

import pytest

from notify_core.bulk.source import Lines, UnreadableFile, examined


def test_a_file_is_known_by_its_content(tmp_path: Path) -> None:
    content = "to\n你好\n".encode() * 200_000
    file = tmp_path / "people.csv"
    file.write_bytes(content)

    facts = examined(file)

    assert facts.hash == sha256(content).hexdigest()[:32]
    assert facts.size == len(content)


@pytest.mark.parametrize("end", [b"\xff\n", b"\xe4\xbd"])
def test_a_file_that_is_not_utf_8_is_refused_with_the_line(
    tmp_path: Path, end: bytes
) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes("你好\n".encode() * 300_000 + end)

    with pytest.raises(UnreadableFile, match="is not UTF-8, line 300001:"):
        examined(file)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"nobody.csv cannot be read: No such"):
        examined(tmp_path / "nobody.csv")


def test_lines_tell_how_far_they_have_come() -> None:
    lines = Lines(io.BytesIO(b"\xef\xbb\xbfone\ntwo"))

    assert list(lines) == ["one\n", "two"]
    assert (lines.number, lines.consumed) == (2, 10)
