"""How a demo is told: a few lines for each step, and the account at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from notify_core.cli.demo.performance import Line, Scene
from notify_core.cli.output import BROKEN, KEPT, bad, faint, good, heading, table


def scene_lines(scene: Scene) -> Iterator[str]:
    """Yield one step: what was done, and each promised line."""
    yield heading(f"{scene.number}. {scene.title}")
    yield f"   {faint(scene.did)}"
    yield from table((_row(line) for line in scene.lines), indent="   ")
    yield ""


def _row(line: Line) -> tuple[str, str, str]:
    if line.kept:
        return good(KEPT), line.name, str(line.shown)
    return bad(BROKEN), line.name, f"{line.shown}, promised was {line.wanted}"


def ending_lines(scenes: Sequence[Scene], seconds: float) -> Iterator[str]:
    """Yield how many promises were kept, and which were not."""
    count = sum(len(scene.lines) for scene in scenes)
    missing = [(scene, line) for scene in scenes for line in scene.missing]
    if not missing:
        yield good(f"{KEPT} All {count} promised lines were shown, in {seconds:.1f} s.")
        return
    yield bad(f"{BROKEN} {len(missing)} of {count} promised lines are missing:")
    for scene, line in missing:
        yield f"  step {scene.number}, {line.name}: promised was {line.wanted}"
