"""The units and the container file name what there is, and give time enough to stop."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import tomllib
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest

from notify_core.cli.options import CONFIG_VARIABLE
from notify_core.server.site import GRACE as SERVICE_GRACE
from notify_core.webhooks_out.outgoing import GRACE as EVENTS_GRACE
from notify_core.worker.worker import GRACE as WORKER_GRACE
from tests.operations.commands import OPERATIONS, parse

ROOT = OPERATIONS.parents[1]
UNITS = ["notify-serve.service", "notify-worker@.service"]
#: What a stop may take: the service with a worker in it, and a worker alone.
LONGEST = {
    "notify-serve.service": SERVICE_GRACE + WORKER_GRACE + EVENTS_GRACE,
    "notify-worker@.service": WORKER_GRACE + EVENTS_GRACE,
}
STATE = "/var/lib/notify"


def unit(name: str) -> dict[str, list[str]]:
    """Return the values of the section `Service`, each as often as it is written."""

    class Repeated(dict[str, Any]):
        def __setitem__(self, key: str, value: Any) -> None:
            if isinstance(value, list) and key in self:
                self[key].extend(value)
            else:
                super().__setitem__(key, value)

    parser = ConfigParser(
        dict_type=Repeated, strict=False, interpolation=None, allow_no_value=True
    )
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their case
    parser.read(OPERATIONS / name, "utf-8")
    return {k: (v or "").split("\n") for k, v in parser["Service"].items()}


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_runs_a_command_that_there_is(name: str) -> None:
    (command,) = unit(name)["ExecStart"]

    program, _, rest = command.replace("%i", "1").partition(" ")
    context = parse(f"notify {rest}")

    assert program == "/opt/notify/bin/notify"
    assert context.command.name == rest.split(" ")[0]
    assert f"{CONFIG_VARIABLE}=/etc/notify/notify.yaml" in unit(name)["Environment"]


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_is_not_root_and_writes_to_its_state_alone(name: str) -> None:
    settings = unit(name)

    assert settings["User"] == ["notify"]
    assert settings["ProtectSystem"] == ["strict"]
    assert settings["NoNewPrivileges"] == ["yes"]
    assert settings["CapabilityBoundingSet"] == [""]
    assert settings["StateDirectory"] == ["notify"]
    assert settings["WorkingDirectory"] == [STATE]
    assert not {"ReadWritePaths", "CacheDirectory", "LogsDirectory"} & set(settings)


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_reloads_by_signal_and_has_time_to_stop(name: str) -> None:
    settings = unit(name)

    assert settings["ExecReload"] == ["/bin/kill -HUP $MAINPID"]
    assert float(settings["TimeoutStopSec"][0]) > LONGEST[name]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for name in UNITS:
        text = (OPERATIONS / name).read_text("utf-8")
        # What is installed elsewhere; the rest is as it is.
        (tmp_path / name).write_text(
            text.replace("/opt/notify/bin/notify", "/bin/true")
        )

    command = [shutil.which("systemd-analyze") or "", "verify", *UNITS]
    told = subprocess.run(  # noqa: S603 (found by ourselves)
        command, cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (told.returncode, told.stderr) == (0, "")


def instructions() -> list[tuple[str, str]]:
    """Return the container file's instructions, with their words."""
    text = (OPERATIONS / "Containerfile").read_text("utf-8")
    lines = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    parts = (line.partition(" ") for line in lines.splitlines() if line)
    return [(name, " ".join(rest.split())) for name, _, rest in parts]


def values(name: str) -> list[str]:
    return [rest for found, rest in instructions() if found == name]


def test_the_image_is_made_of_what_the_checkout_has() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    copied = [rest.split()[:-1] for rest in values("COPY") if "--from" not in rest]
    (install,) = (rest for rest in values("RUN") if "pip install" in rest)
    (extras,) = re.findall(r"\.\[([a-z,]+)\]", install)

    for path in (path for paths in copied for path in paths):
        assert (ROOT / path).exists(), path
    for folder in re.findall(r"\./(providers/\w+)", install):
        assert (ROOT / folder / "pyproject.toml").exists(), folder
    assert set(extras.split(",")) <= set(project["optional-dependencies"])


def test_the_base_image_is_a_plain_name() -> None:
    for image in values("FROM"):
        assert re.fullmatch(r"python:3\.\d+-slim( AS build)?", image)


def test_the_image_runs_a_command_that_there_is_as_a_user_that_is_not_root() -> None:
    (entry,), (arguments,) = map(values, ("ENTRYPOINT", "CMD"))
    line = shlex.join(json.loads(entry) + json.loads(arguments))

    context = parse(line)

    assert context.command.name == "serve"
    assert context.params["listen"].port == 8080
    assert context.params["metrics_listen"].port == 9090
    assert values("EXPOSE") == ["8080 9090"]
    assert values("USER") == ["10001:10001"]
    assert values("VOLUME") == values("WORKDIR")[1:] == [STATE]
    assert values("STOPSIGNAL") == ["SIGTERM"]
    assert f"{CONFIG_VARIABLE}=/etc/notify/notify.yaml" in values("ENV")[0]


def test_the_pages_give_a_container_time_to_stop() -> None:
    page = (OPERATIONS / "install.md").read_text("utf-8")

    (seconds,) = re.findall(r"--stop-timeout (\d+)", page)

    assert float(seconds) > LONGEST["notify-serve.service"]
