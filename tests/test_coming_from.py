"""What the page for people who come from other tools shows is true."""

import re
from pathlib import Path

import pytest

from notify_core.config import load
from notify_core.plugins import Plugins
from notify_core.trial import failures

PAGE = (Path(__file__).parents[1] / "docs" / "coming-from.md").read_text("utf-8")
TOOLS = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
NAMES = [tool.split("\n")[0] for tool in TOOLS]
#: Fits whatever a provider type says of its settings.
SECRET = f"AC{'0' * 32}"


def configuration(tool: str) -> str:
    """Return the whole configuration that a tool's part shows."""
    (shown,) = re.findall(r"```yaml\n(version: 1\n.+?)```", tool, re.DOTALL)
    return str(shown)


@pytest.mark.parametrize("tool", TOOLS, ids=NAMES)
def test_a_configuration_loads_and_its_tests_come_true(
    tool: str, tmp_path: Path
) -> None:
    text = configuration(tool)
    file = tmp_path / "notify.yaml"
    file.write_text(text, "utf-8")
    environ = dict.fromkeys(re.findall(r"env: (\w+)", text), SECRET)

    snapshot = load(file, Plugins(), environ)

    # They are short: no vendor is let push, so some outcomes can stay unknown.
    doubts = [str(warning) for warning in snapshot.warnings]
    assert [doubt for doubt in doubts if "settle an unknown outcome" not in doubt] == []
    assert len(snapshot.tests) >= 2
    assert [str(failed) for failed in failures(snapshot)] == []
