"""The service runs as nobody, and may write to the folder of its database alone."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from notify_core.server.keys import Scope
from tests.server.serving import bearer, new_key

NOBODY = 65534
CONFIGURATION = """
version: 1
defaults: {{region: CN}}
outbox: {{url: "sqlite:///{state}/notify.db"}}
privacy: {{hash_key: {{env: HASH_KEY}}}}
server: {{listen: "127.0.0.1:0", metrics_listen: "127.0.0.1:0", keys_file: keys.json}}
providers: {{kept: {{type: memory}}}}
routes: {{pool: kept}}
"""
#: Every file system read-only in a namespace of its own, but for one folder.
CONFINED = """
set -e
mount --make-rprivate /
mount --bind "$STATE" "$STATE"
while read -r _ place _; do
  test "$place" = "$STATE" || mount -o remount,bind,ro "$place" 2>/dev/null || true
done < /proc/mounts
give_up() { setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs "$@"; }
for place in /tmp /var/tmp /dev/shm .; do
  give_up sh -c 'touch "$1/written"' sh "$place" 2>/dev/null && exit 99
done
# The interpreter of the tests may lie where its owner alone may look.
may_read='--inh-caps=+dac_read_search --ambient-caps=+dac_read_search'
exec setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs $may_read "$@"
"""
MESSAGE = {"to": "+8613800138000", "content": {"text": "Hello"}}

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not (shutil.which("unshare") and shutil.which("setpriv")),
    reason="only root can take rights away; needs unshare and setpriv",
)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a configuration that nobody may read, and one for the state."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="notify-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        state = folder / "state"
        state.mkdir(0o700)
        os.chown(state, NOBODY, NOBODY)
        text = CONFIGURATION.format(state=state)
        (folder / "notify.yaml").write_text(text, "utf-8")
        yield folder


@pytest.fixture
def service(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """The service, which does not outlive the test."""
    environ = {
        "PATH": os.environ["PATH"],
        "STATE": str(folder / "state"),
        "HASH_KEY": "0123456789abcdef0123456789abcdef",
    }
    command = [sys.executable, "-m", "notify_core", "serve", "--worker", "--json"]
    confined = ["unshare", "--mount", "sh", "-c", CONFINED, "sh", *command]
    with subprocess.Popen(  # noqa: S603 (our own command)
        confined, cwd=folder, env=environ, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def owner_of(process: subprocess.Popen[str]) -> int:
    return Path(f"/proc/{process.pid}").stat().st_uid


async def test_it_needs_no_root_and_writes_to_its_database_alone(
    folder: Path, request: pytest.FixtureRequest
) -> None:
    key = new_key(folder / "keys.json", Scope.SEND)
    os.chown(folder / "keys.json", NOBODY, NOBODY)
    service: subprocess.Popen[str] = request.getfixturevalue("service")
    assert service.stdout is not None
    told = "".join(iter(service.stdout.readline, "}\n")) + "}"
    wait = {"Prefer": "wait=30"}

    async with (
        aiohttp.ClientSession(json.loads(told)["url"], headers=bearer(key)) as client,
        client.post("/v1/messages", json=MESSAGE, headers=wait) as answer,
    ):
        result = await answer.json()
    written = {path.name for path in (folder / "state").iterdir()}
    owner = owner_of(service)
    service.send_signal(signal.SIGTERM)

    assert service.wait(60) == 0
    assert result["status"] == "accepted"
    assert owner == NOBODY
    assert written == {"notify.db", "notify.db-wal", "notify.db-shm"}
