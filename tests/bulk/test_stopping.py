"""Signals that end an import."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from typing import BinaryIO

import pytest

from notify_core.bulk.stopping import Stop


@pytest.fixture
def pipe() -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """The two ends of a pipe: where it is read, and where it is written."""
    out, into = os.pipe()
    with ExitStack() as opened:
        yield (
            opened.enter_context(open(out, "rb")),  # noqa: PTH123 (a descriptor)
            opened.enter_context(open(into, "wb", buffering=0)),  # noqa: PTH123
        )


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_a_signal_raises_nothing_in_what_is_being_read() -> None:
    stop, steps = Stop(), list[str]()

    def read() -> str:
        interrupt()
        steps.append("a lock that is taken is given back")
        return "rows"

    with stop.on_signals():
        found = stop.unless_told(read)
        after = stop.unless_told(lambda: "more")

    assert (found, after) == (None, None)
    assert steps


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_ends_the_process_as_usual(number: int) -> None:
    stop, before = Stop(), signal.getsignal(number)

    with stop.on_signals():
        os.kill(os.getpid(), number)
        during = signal.getsignal(number)

    assert stop.is_told
    assert during is signal.SIG_DFL
    assert signal.getsignal(number) is before


def test_a_stream_is_read_as_it_comes(pipe: tuple[BinaryIO, BinaryIO]) -> None:
    out, into = pipe
    stop = Stop()

    with stop.on_signals():
        stream = stop.heeding(out)
        into.write(b"one\ntwo\n")
        lines = [stream.readline(), stream.readline()]
        into.close()
        lines.append(stream.readline())

    assert lines == [b"one\n", b"two\n", b""]


def test_a_stream_without_an_end_ends_at_a_signal(
    pipe: tuple[BinaryIO, BinaryIO],
) -> None:
    out, into = pipe
    stop = Stop()

    with stop.on_signals():
        stream = stop.heeding(out)
        into.write(b"half a line")
        interrupt()
        line = stream.readline()

    assert line == b""


def test_another_signal_ends_no_wait(pipe: tuple[BinaryIO, BinaryIO]) -> None:
    out, into = pipe
    stop = Stop()

    def arrived(*_: object) -> None:
        into.write(b"rows\n")

    before = signal.signal(signal.SIGUSR1, arrived)
    with stop.on_signals():
        stream = stop.heeding(out)
        os.kill(os.getpid(), signal.SIGUSR1)
        line = stream.readline()
    signal.signal(signal.SIGUSR1, before)

    assert line == b"rows\n"


def test_what_is_no_file_of_the_system_is_read_as_it_is() -> None:
    given = io.BytesIO(b"rows\n")

    assert Stop().heeding(given) is given
