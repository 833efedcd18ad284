import os
import re
import time

import pytest

from notify_core.model.identifier import new_id


def test_identifiers_are_ulids() -> None:
    assert re.fullmatch(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", new_id())


def test_identifiers_are_unique() -> None:
    made = {new_id() for _ in range(20_000)}

    assert len(made) == 20_000


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_makes_others_than_its_parent() -> None:
    new_id()  # more are ready now
    reading, writing = os.pipe()

    child = os.fork()
    if not child:
        os.write(writing, "".join(new_id()[10:] for _ in range(20)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(reading, 20 * 16).decode()
    os.close(reading)
    os.close(writing)

    assert len(theirs) == 20 * 16
    assert not any(new_id()[10:] in theirs for _ in range(20))


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
