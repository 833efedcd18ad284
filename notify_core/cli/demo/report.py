"""How a demo is told: a few lines for each step, and the account at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from notify_core.cli.demo.performance import NOTHING, Line, Scene
from notify_core.cli.output import BROKEN, KEPT, bad, faint, good, heading, plain, table


def scene_lines(scene: Scene) -> Iterator[str]:
    """Yield one step: what was done, and each promised line."""
    yield heading(f"{scene.number}. {scene.title}")
    yield f"   {faint(scene.did)}"
    yield from table((_row(line) for line in scene.lines), indent="   ")
    yield ""


def _row(line: Line) -> tuple[str, str, str]:
    """Return mark, name and value; what has no name of its own follows its value."""
    mark = good(KEPT) if line.kept else bad(BROKEN)
    value = _worded(line.shown)
    if not line.kept:
        value += f", promised was {_worded(line.wanted)}"
    return (mark, line.name, value) if line.name else (mark, value, line.at[1:])


def _worded(value: Any) -> str:
    match value:
        case None:
            return NOTHING
        case float():
            return f"{value:g}"
    return plain(str(value))


def ending_lines(kind: str, scenes: Sequence[Scene], seconds: float) -> Iterator[str]:
    """Yield how many promises were kept, and which were not."""
    count = sum(len(scene.lines) for scene in scenes)
    missing = [(scene, line) for scene in scenes for line in scene.missing]
    if not missing:
        yield good(f"{KEPT} All {count} promised lines were shown, in {seconds:.1f} s.")
        yield f"  To look around yourself: notify emulator {kind}"
        return
    yield bad(f"{BROKEN} {len(missing)} of {count} promised lines are missing:")
    for scene, line in missing:
        name = line.name or line.at[1:]
        yield f"  step {scene.number}, {name}: promised was {_worded(line.wanted)}"
