"""Rows that are imported in a second, against messages that are enqueued in batches.

All go into a file of its own on the same disk, a thousand in one step:

* plain: `Notifier.enqueue_all` of messages made beforehand;
* keyed: the same with an idempotency key each, as rows have one;
* csv, ndjson: what `notify import` does with a file, the first look at it included.

Each round runs all of them in turn; ratios are taken within a round, and the median of
the rounds is shown, since machines are noisy. Then the command itself imports one large
file, and the most memory that it had is shown.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.requirement import least, most
from bench.speed import Rounds, Speed, Watch, medians, ratio
from notify_core import Message, Notifier
from notify_core.bulk.drafts import Drafting
from notify_core.bulk.importing import Importing
from notify_core.bulk.rejects import Rejects
from notify_core.bulk.rows import Format, rows_of
from notify_core.bulk.source import Lines, examined

A_BATCH = 1000
#: Of keyed batches; and the most memory of the command.
REQUIRED = (
    least("of_keyed.csv", 0.7),
    least("of_keyed.ndjson", 0.7),
    most("command.memory_mb", 200),
)

_KEY = "BENCH_HASH_KEY"
_TEMPLATE = "login-code"
_NUMBERS = count(10_000_000)
_CONFIGURATION: dict[str, Any] = {
    "version": 1,
    "defaults": {"region": "CN", "timezone": "Asia/Shanghai"},
    "privacy": {"hash_key": {"env": _KEY}},
    "providers": {"screen": {"type": "console"}},
    "routes": {"pool": "screen"},
    "templates": {
        _TEMPLATE: {
            "kind": "otp",
            "params": {
                "type": "object",
                "properties": {"code": {"type": "string", "pattern": "^[0-9]{4,8}$"}},
                "required": ["code"],
                "additionalProperties": False,
            },
            "text": "您的验证码是：{{ code }}。请不要把验证码泄露给其他人。",
        }
    },
}


async def run(many: int, rounds: int, rows: int, folder: str | None) -> dict[str, Any]:
    """Measure everything; the files go into *folder*.

    Args:
        many: Messages in each loop of a round.
        rounds: Of each loop.
        rows: In the large file.
        folder: Its disk is measured; None: that of temporary files.
    """
    os.environ[_KEY] = "a hash key of the benchmark"
    with TemporaryDirectory(dir=folder) as here:
        place = Path(here)
        async with Notifier.from_config(_configuration(place, "rounds")) as notifier:
            await _round(notifier, place, A_BATCH)
            table = [await _round(notifier, place, many) for _ in range(rounds)]
        return {**_summary(table), "command": _command(place, rows)}


def _configuration(folder: Path, name: str) -> dict[str, Any]:
    return {**_CONFIGURATION, "outbox": {"url": f"sqlite:///{folder / name}.db"}}


async def _round(notifier: Notifier, folder: Path, many: int) -> dict[str, Speed]:
    return {
        "plain": await _enqueued(notifier, list(_messages(many))),
        "keyed": await _enqueued(notifier, list(_messages(many, "key"))),
        "csv": await _imported(notifier, _table(folder / "rows.csv", many)),
        "ndjson": await _imported(notifier, _objects(folder / "rows.ndjson", many)),
    }


async def _enqueued(notifier: Notifier, messages: list[Message]) -> Speed:
    watch = Watch()
    for first in range(0, len(messages), A_BATCH):
        await notifier.enqueue_all(messages[first : first + A_BATCH])
    return watch.speed(len(messages))


async def _imported(notifier: Notifier, file: Path) -> Speed:
    watch = Watch()
    facts = examined(file)
    with file.open("rb") as stream, Rejects(file.with_suffix(".rejected")) as rejects:
        importing = Importing(
            drafting=Drafting(key=facts.hash, usual={"template": _TEMPLATE}),
            enqueue_all=notifier.enqueue_all,
            rejects=rejects,
            batch=A_BATCH,
            progress=lambda _: None,
            reads_ahead=True,
        )
        how = Format(file.suffix.removeprefix("."))
        tally = await importing.run(rows_of(Lines(stream), how, {}))
    if tally.taken != tally.rows:
        raise RuntimeError("not every row was taken")
    return watch.speed(tally.rows)


def _messages(many: int, key: str | None = None) -> Iterator[Message]:
    for _ in range(many):
        number = f"+86138{next(_NUMBERS)}"
        own = None if key is None else f"{key}:{number}"
        params = {"code": "1234"}
        yield Message(to=number, template=_TEMPLATE, params=params, idempotency_key=own)


def _table(file: Path, many: int) -> Path:
    rows = (f"+86138{next(_NUMBERS)},1234\n" for _ in range(many))
    return _written(file, ["to,params.code\n"], rows)


def _objects(file: Path, many: int) -> Path:
    params = {"code": "1234"}
    numbers = (f"+86138{next(_NUMBERS)}" for _ in range(many))
    rows = (json.dumps({"to": to, "params": params}) + "\n" for to in numbers)
    return _written(file, [], rows)


def _written(file: Path, head: list[str], rows: Iterable[str]) -> Path:
    with file.open("w", encoding="utf-8") as out:
        out.writelines(head)
        out.writelines(rows)
    return file


def _command(folder: Path, rows: int) -> dict[str, Any]:
    """Import a large file with the command itself."""
    table = _table(folder / "large.csv", rows)
    config = folder / "notify.json"
    config.write_text(json.dumps(_configuration(folder, "large")), "utf-8")
    arguments = ["import", str(table), "--config", str(config), "--json"]
    command = [sys.executable, "-m", "notify_core", *arguments]
    started = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 (our own command)
        [*command, "--template", _TEMPLATE], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None  # noqa: S101 (for the type)
        told = json.loads(process.stdout.read())
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    if process.returncode or told["taken"] != rows:
        raise RuntimeError(f"the command ended with {process.returncode}: {told}")
    # Linux tells kilobytes, macOS bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    memory = used.ru_maxrss * unit / 1e6
    return {"rows": rows, "rate": round(rows / seconds), "memory_mb": round(memory)}


def _summary(rounds: Rounds) -> dict[str, Any]:
    return {
        **medians(rounds),
        "of_plain": {name: ratio(rounds, name, "plain") for name in rounds[0]},
        "of_keyed": {name: ratio(rounds, name, "keyed") for name in rounds[0]},
    }


def lines(figures: dict[str, Any]) -> Iterator[str]:
    """Say the figures for people."""
    yield "               per s  of plain  of keyed       CPU"
    for name, rate in figures["rate"].items():
        ratios = "".join(f"{figures[of][name]:>10}" for of in ("of_plain", "of_keyed"))
        yield f"{name:<10}{rate:>10}{ratios}{figures['cpu_us'][name]:>7} µs"
    command = figures["command"]
    yield f"command: {command['rows']} rows, {command['rate']} a second"
