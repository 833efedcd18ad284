import re
import time

import pytest

from notify_core.model.identifier import new_id


def test_identifiers_are_ulids() -> None:
    assert re.fullmatch(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", new_id())


def test_identifiers_are_unique() -> None:
    made = {new_id() for _ in range(20_000)}

    assert len(made) == 20_000


def test_identifiers_sort_by_the_time_they_were_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    milliseconds = [0, 1, 2**20, 1_700_000_000_000, 1_700_000_000_001, 2**48 - 1]
    made = []

    for moment in milliseconds:
        monkeypatch.setattr(time, "time_ns", lambda moment=moment: moment * 1_000_000)
        made.append(new_id())

    assert made == sorted(made)


def test_the_first_ten_characters_are_the_millisecond(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The example of the ULID specification: 01ARZ3NDEKTSV4RRFFQ69G5FAV.
    monkeypatch.setattr(time, "time_ns", lambda: 1_469_922_850_259 * 1_000_000)

    assert new_id()[:10] == "01ARZ3NDEK"
