"""Processes and cores of a benchmark."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]


@contextmanager
def pinned_stub() -> Iterator[str]:
    """Start the stub on the last core, pin this process to the first; give its URL."""
    with pinned("bench.stub") as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def pinned(module: str, *arguments: str) -> Iterator[str]:
    """Run a module on the last core, pin this process to the first; give its line."""
    if len(_CORES) > 1:
        os.sched_setaffinity(0, {_CORES[0]})
    command = [sys.executable, "-m", module, *arguments, str(_CORES[-1])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 (our own module)
        try:
            assert process.stdout is not None  # noqa: S101 (for the type)
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
