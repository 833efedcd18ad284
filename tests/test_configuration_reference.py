"""The page with every option is made from the schema, and is as the schema is now."""

import re
import runpy
from pathlib import Path

from tests.options.schema import options

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "configuration-reference.md").read_text("utf-8")


def shown() -> set[str]:
    """Return the way to every option that has a row on the page."""
    found = set()
    section = ""
    for line in PAGE.splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ").strip("`")
        elif row := re.match(r"\| `([^`]+)` \|", line):
            way = row[1] if section == "The file" else f"{section}.{row[1]}"
            found.add(way.replace("<name>", "*"))
    return found


def test_the_page_is_current() -> None:
    made = runpy.run_path(str(DOCS / "configuration_reference.py"))["page"]()

    assert made == PAGE, "run: python docs/configuration_reference.py"


def row_of(way: str) -> str:
    """Return the row of an option: what many options have is shown once."""
    way = re.sub(r"^.*\.(env|file)$", r"reference.\1", way)
    return re.sub(r"^(routes\.match)\..+\.([a-z]+)$", r"\1.<field>.\2", way)


def test_every_option_has_a_row() -> None:
    rows = shown()

    # What stands under names of its own has the row of their mapping.
    ways = {row_of(way) for way in options()}

    assert {
        w for w in ways if w not in rows and w.removesuffix(".*") not in rows
    } == set()
