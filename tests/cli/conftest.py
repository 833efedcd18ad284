"""A command line with one plugin installed, and a folder with a configuration."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from click.testing import CliRunner, Result

from notify_core.cli import main

#: Where the plugin's package is.
ACME = Path(__file__).parent / "acme"

CONFIG = """
version: 1
defaults: {region: CN}
providers:
  first:
    type: fake
    settings: {token: {env: FIRST_TOKEN}}
    webhook: {tokens: [{env: FIRST_TOKEN}]}
routes: {pool: first}
templates:
  login-code:
    kind: otp
    params:
      type: object
      properties: {code: {type: string, pattern: "^[0-9]{4,8}$"}}
      required: [code]
    text: "Your code is {{ code }}."
"""
TOKEN = "s3cret-token-of-first"  # noqa: S105 (looked for in the output)

#: Seconds that a process may take on a machine that is busy with other things.
PATIENCE = 60

Notify = Callable[..., Result]
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of installed distributions, as an installer leaves it."""
    folder = tmp_path_factory.mktemp("site")
    info = folder / "notify_acme-1.2.3.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: notify-acme\nVersion: 1.2.3\n"
    )
    (info / "entry_points.txt").write_text(
        "[notify_core]\nacme = notify_acme\nbroken = notify_acme.missing\n"
    )
    return folder


@pytest.fixture
def environ(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """The environment of a shell in a folder with a `notify.yaml`."""
    (tmp_path / "notify.yaml").write_text(CONFIG, "utf-8")
    monkeypatch.chdir(tmp_path)
    for folder in (site, ACME):
        monkeypatch.syspath_prepend(folder)
    own = {"FIRST_TOKEN": TOKEN, "NOTIFY_PLUGINS": "acme"}
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    for name in ("NO_COLOR", "NOTIFY_CONFIG", "NOTIFY_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    paths = os.pathsep.join(map(str, (site, ACME)))
    return {**os.environ, "PYTHONPATH": paths, "PYTHONWARNINGS": "error"}


@pytest.fixture
def notify(environ: dict[str, str]) -> Notify:
    """The command line, in this process."""

    def run(*arguments: str, **options: object) -> Result:
        return CliRunner().invoke(main, arguments, prog_name="notify", **options)  # type: ignore[arg-type]

    return run


@pytest.fixture
def start(environ: dict[str, str]) -> Iterator[Start]:
    """The command line as a process of its own, which does not outlive the test."""
    with ExitStack() as begun:

        def begin(*arguments: str, **options: object) -> subprocess.Popen[str]:
            process: subprocess.Popen[str] = subprocess.Popen(  # type: ignore[call-overload]  # noqa: S603 (our own command)
                [sys.executable, "-m", "notify_core", *arguments],
                env=environ,
                text=True,
                **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options,
            )
            begun.enter_context(process)
            begun.callback(process.kill)
            return process

        yield begin


def fetch(url: str, body: bytes | None = None) -> bytes:
    """Get what is at a loopback URL, or post to it."""
    with urlopen(url, body) as answer:  # noqa: S310 (an emulator's own URL)
        told: bytes = answer.read()
    return told


def first_document(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Read the JSON document that a command writes when it is ready."""
    assert process.stdout is not None
    lines = iter(process.stdout.readline, "")
    text = ""
    for line in lines:
        text += line
        if line == "}\n":
            break
    document: dict[str, Any] = json.loads(text)
    return document


def configure(**answers: str) -> None:
    """Write a configuration with a provider of each name that answers so."""
    providers = "".join(
        f"  {name}: {{type: fake, settings: {{answers: [{answer}]}}}}\n"
        for name, answer in answers.items()
    )
    Path("notify.yaml").write_text(
        f"version: 1\nproviders:\n{providers}"
        f"pools: {{all: {{members: [{', '.join(answers)}]}}}}\n"
        "policies: {once: {max_attempts: 2}}\n"
        "routes: {pool: all, policy: once}\n"
    )
