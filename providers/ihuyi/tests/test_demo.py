"""`notify demo ihuyi`, as a newcomer runs it, and with promises that are not kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from notify_ihuyi.provider_type import IHUYI

from notify_core.cli import main
from notify_core.config import check
from notify_core.plugins import Plugins

Script = dict[str, Any]

ALTERED = """
from pathlib import Path
import attrs
from notify_core import hookimpl
from notify_ihuyi.provider_type import IHUYI

@hookimpl
def notify_register_providers():
    return [attrs.evolve(IHUYI, demo=Path(__file__).parent / "demo")]
"""


def demo(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["demo", "ihuyi", *arguments], prog_name="notify")


def shipped(name: str) -> str:
    assert IHUYI.demo is not None
    return (IHUYI.demo / name).read_text("utf-8")


@pytest.fixture
def alter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[Script], None]], None]:
    """Install a plugin that offers ihuyi with another demo, in place of ihuyi's."""
    module = f"altered_{tmp_path.name}"
    package, info = tmp_path / module, tmp_path / f"{module}-1.dist-info"
    (package / "demo").mkdir(parents=True)
    info.mkdir()
    (package / "__init__.py").write_text(ALTERED)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\n")
    (info / "entry_points.txt").write_text(f"[notify_core]\naltered = {module}\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("NOTIFY_PLUGINS", "altered")

    def write(change: Callable[[Script], None]) -> None:
        script = json.loads(shipped("messages.json"))
        # Without the answer that comes too late: it takes a second.
        script["steps"] = script["steps"][:6]
        change(script)
        folder = package / "demo"
        (folder / "messages.json").write_text(json.dumps(script), "utf-8")
        (folder / "notify.yaml").write_text(shipped("notify.yaml"), "utf-8")

    return write


def test_the_demo_keeps_every_promise() -> None:
    ended = demo()

    assert ended.exit_code == 0, ended.output
    assert "password       dynamic" in ended.output
    assert "【互亿无线】您的验证码是：2546。" in ended.output
    assert "【互亿无线】您的订单A1001已发出" in ended.output
    assert "left of 50  48" in ended.output
    assert "matched by  id" in ended.output
    assert "recipient_blocked" in ended.output
    assert "submit_unknown" in ended.output
    assert "no_response" in ended.output
    assert 'notify_attempts_total{outcome="unknown",provider="ihuyi"' in ended.output


def test_the_demo_shows_no_full_number_and_no_key() -> None:
    shown = demo("--json").stdout

    document = json.loads(shown)
    assert document["ok"] is True
    for secret in ("13800138000", "13910123456", "1q784322ba1d9bb88d50cf5cdfd89k7d"):
        assert secret not in shown


def a_wrong_key(script: Script) -> None:
    script["environment"]["NOTIFY_DEMO_API_KEY"] = "another"


def no_credit(script: Script) -> None:
    script["emulator"]["accounts"][0]["balance"] = 1


def nobody_blocked(script: Script) -> None:
    script["emulator"]["accounts"][0]["blacklist"] = []


def another_text_filed(script: Script) -> None:
    script["emulator"]["accounts"][0]["templates"][1]["content"] = "您的包裹已到。"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (a_wrong_key, "step 2, status: promised was accepted"),
        (no_credit, "step 3, status: promised was accepted"),
        (another_text_filed, "step 3, status: promised was accepted"),
        (nobody_blocked, "step 6, reason: promised was recipient_blocked"),
    ],
)
def test_a_promise_that_is_not_kept_ends_the_demo_with_1(
    alter: Callable[[Callable[[Script], None]], None],
    change: Callable[[Script], None],
    named: str,
) -> None:
    alter(change)

    ended = demo()

    assert ended.exit_code == 1
    assert named in ended.output


def test_the_configuration_of_the_demo_gives_no_warning(
    tmp_path: Path,
) -> None:
    config = tmp_path / "notify.yaml"
    config.write_text(shipped("notify.yaml"), "utf-8")
    environ = {
        "NOTIFY_DEMO_URL": "http://127.0.0.1:9",
        "NOTIFY_DEMO_TOKEN": "a-token-of-16-bytes",
        **json.loads(shipped("messages.json"))["environment"],
    }

    report = check(config, Plugins(), environ)

    assert (report.errors, report.warnings) == ((), ())
