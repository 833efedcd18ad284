"""The benchmarks run, and their figures fit together."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench.__main__ import main

ROOT = Path(__file__).parents[1]


@pytest.mark.usefixtures("uncounted")
def test_the_areas_of_a_send_add_up_to_the_whole() -> None:
    command = [sys.executable, "-m", "bench", "profile", "--json"]

    ran = subprocess.run(  # noqa: S603 (our own module)
        [*command, "--messages", "64", "--rounds", "1"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        timeout=60,
    )

    figures = json.loads(ran.stdout)
    areas = figures["cpu_us"]
    assert next(iter(areas)) == "tuned"
    assert sum(areas.values()) == pytest.approx(figures["whole_us"], abs=1)
    added = figures["whole_us"] - areas["tuned"]
    assert added == pytest.approx(figures["added_us"], abs=0.2)


def test_every_benchmark_that_the_documentation_names_is_there() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    told = "".join(page.read_text("utf-8") for page in pages)
    table = (ROOT / "docs" / "speed.md").read_text("utf-8")

    named = {*re.findall(r"python -m bench ([a-z]+)", told)}
    named |= {*re.findall(r"^\| `([a-z]+)` \|", table, re.MULTILINE)}

    assert named
    assert named <= set(main.commands)
