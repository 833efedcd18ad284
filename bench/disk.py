"""What a disk takes to keep something: the floor of everything that is durable."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

#: Bytes that are written before each wait: a page of SQLite's log, one of PostgreSQL's.
_A_PAGE = bytes(8192)
_TIMES = 200


def fsync_ms(folder: str | None = None) -> dict[str, float]:
    """Return the milliseconds until a page is on the disk of a folder."""
    with TemporaryDirectory(dir=folder) as here:
        file = os.open(Path(here, "page"), os.O_CREAT | os.O_WRONLY)
        try:
            return of([_written(file) for _ in range(_TIMES)])
        finally:
            os.close(file)


def told(took: Mapping[str, float]) -> str:
    """Say for people what it takes."""
    return f"a page on this disk: p50 {took['p50']} ms, p99 {took['p99']} ms"


def of(milliseconds: list[float]) -> dict[str, float]:
    """Return the median, and what one in a hundred takes longer than."""
    cuts = quantiles(milliseconds, n=100)
    return {"p50": round(cuts[49], 2), "p99": round(cuts[98], 2)}


def _written(file: int) -> float:
    begun = time.perf_counter()
    os.write(file, _A_PAGE)
    os.fsync(file)
    return (time.perf_counter() - begun) * 1000
