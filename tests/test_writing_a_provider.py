"""The packages of `docs/examples` work where a stranger would use them."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "docs" / "examples"
#: `uv run` says where it is.
UV = os.environ.get("UV", "uv")


def run(*command: str | Path, cwd: Path) -> str:
    """Run a program without a network and return what it prints."""
    environment = {**os.environ, "UV_OFFLINE": "1", "VIRTUAL_ENV": str(cwd / ".venv")}
    environment.pop("NOTIFY_PLUGINS", None)
    done = subprocess.run(  # noqa: S603 (our own words)
        [str(word) for word in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("example", "command", "offered"),
    [
        ("notify-acme", "providers", "acme"),
        ("notify-working-days", "schema", "working_days"),
    ],
)
def test_an_example_is_built_installed_beside_the_core_and_passes_its_tests(
    example: str, command: str, offered: str, tmp_path: Path
) -> None:
    wheels = tmp_path / "wheels"
    for package in (ROOT, EXAMPLES / example):
        run(UV, "build", "--wheel", "--out-dir", wheels, package, cwd=tmp_path)
    run(UV, "venv", "--quiet", ".venv", cwd=tmp_path)
    built = sorted(wheels.glob("*.whl"))
    tools = ["pytest", "pytest-asyncio", "trustme"]
    run(UV, "pip", "install", "--quiet", *built, *tools, cwd=tmp_path)

    python = tmp_path / ".venv" / "bin" / "python"
    passed = run(python, "-P", "-m", "pytest", "-q", EXAMPLES / example, cwd=tmp_path)
    listed = run(tmp_path / ".venv" / "bin" / "notify", command, cwd=tmp_path)

    assert " passed" in passed
    assert offered in listed
