"""`notify serve` and `notify key` as processes: what operators and init systems do."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import aiohttp
import pytest

from tests.builders import until
from tests.cli.conftest import CONFIG, Notify, Start, environ, notify, site, start

__all__ = ["environ", "notify", "site", "start"]

MESSAGE = {
    "to": "+8613800138000",
    "template": "login-code",
    "params": {"code": "2546"},
}
SERVED = """
server: {listen: "127.0.0.1:0", keys_file: keys.json}
outbox: {url: "sqlite:///notify.db"}
privacy: {hash_key: {env: HASH_KEY}}
"""

Running = tuple[subprocess.Popen[str], str]


@pytest.fixture
def key(
    notify: Notify,
    environ: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """A key for everything, and a configuration with a store."""
    environ["HASH_KEY"] = "0123456789abcdef0123456789abcdef"
    monkeypatch.setenv("HASH_KEY", environ["HASH_KEY"])
    (tmp_path / "notify.yaml").write_text(CONFIG + SERVED)
    scopes = ("--scope", "send", "--scope", "read", "--scope", "admin")
    made = notify("key", "create", "shop", *scopes, "--json")
    shown: str = json.loads(made.output)["key"]
    return shown


@pytest.fixture
def served(start: Start, key: str, tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Start the service, and tell its process and its URL."""
    begun = []

    def begin(*arguments: str) -> Running:
        log = (tmp_path / "log.txt").open("a")
        process = start("serve", "--json", *arguments, stderr=log)
        log.close()
        begun.append(process)
        assert process.stdout is not None
        told = "".join(iter(process.stdout.readline, "}\n"))
        return process, json.loads(told + "}")["url"]

    yield begin
    for process in begun:
        process.kill()
        process.communicate()


def _client(url: str, key: str) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(url, headers={"Authorization": f"Bearer {key}"})


async def test_a_worker_in_the_service_sends_what_is_recorded(
    served: Callable[..., Running], key: str
) -> None:
    process, url = served("--worker")

    async with _client(url, key) as client:
        async with client.post("/v1/messages", json=MESSAGE) as answer:
            path = answer.headers["Location"]
            status = (await answer.json())["status"]
        while status in ("created", "submitting"):
            async with client.get(path) as shown:
                status = (await shown.json())["status"]
            await asyncio.sleep(0.02)
    process.send_signal(signal.SIGTERM)

    assert status == "accepted"
    assert await asyncio.to_thread(process.wait, 10) == 0


async def test_told_to_stop_under_load_it_answers_and_loses_nothing(
    served: Callable[..., Running], key: str
) -> None:
    process, url = served()
    told: Counter[str] = Counter()
    taken: set[str] = set()

    async def caller(client: aiohttp.ClientSession) -> None:
        while True:
            try:
                async with client.post("/v1/messages", json=MESSAGE) as answer:
                    told[str(answer.status)] += 1
                    if answer.status == 202:
                        taken.add((await answer.json())["id"])
            except aiohttp.ClientConnectionError:
                return

    async with _client(url, key) as client:
        callers = [asyncio.create_task(caller(client)) for _ in range(8)]
        await until(lambda: told["202"] >= 50)
        process.send_signal(signal.SIGTERM)
        await asyncio.gather(*callers)

    assert await asyncio.to_thread(process.wait, 10) == 0
    assert set(told) <= {"202", "503"}
    assert await _recorded(served, key) == taken


async def _recorded(served: Callable[..., Running], key: str) -> set[str]:
    """Return the ids of all messages that a service finds in its store."""
    _, url = served()
    found: set[str] = set()
    async with _client(url, key) as client:
        cursor = ""
        while True:
            path = f"/v1/messages?limit=1000{cursor}"
            async with client.get(path) as answer:
                page = await answer.json()
            found.update(message["id"] for message in page["messages"])
            if page["cursor"] is None:
                return found
            cursor = f"&cursor={page['cursor']}"


async def test_a_reload_in_the_middle_disturbs_nobody(
    served: Callable[..., Running], key: str, tmp_path: Path
) -> None:
    process, url = served()
    file = tmp_path / "notify.yaml"
    statuses: Counter[int] = Counter()

    async def caller(client: aiohttp.ClientSession) -> None:
        for _ in range(30):
            async with client.post("/v1/messages", json=MESSAGE) as answer:
                statuses[answer.status] += 1

    async with _client(url, key) as client:
        callers = [asyncio.create_task(caller(client)) for _ in range(4)]
        async with client.post("/-/reload") as answer:
            first = await answer.json()
        changed = file.read_text().replace("region: CN", "region: GB")
        file.write_text(
            changed.replace("keys_file", "metrics_listen: '[::1]:0', keys_file")
        )
        process.send_signal(signal.SIGHUP)
        async with client.post("/-/reload") as answer:
            second = await answer.json()
        file.write_text("version: 2")
        async with client.post("/-/reload") as answer:
            third = await answer.json()
        await asyncio.gather(*callers)
        async with client.get("/readyz") as answer:
            ready = await answer.json()

    assert statuses == {202: 120}
    assert first["configuration"] != second["configuration"]
    assert (first["restart_needed"], second["restart_needed"]) == (False, True)
    assert third["type"] == "urn:notify-core:problem:invalid-configuration"
    assert {error["pointer"] for error in third["errors"]} >= {"/version"}
    assert ready["configuration"] == second["configuration"]


def test_keys_are_made_listed_and_revoked(notify: Notify, key: str) -> None:
    listed = json.loads(notify("key", "list", "--json").output)["keys"]
    shown = notify("key", "list").output
    revoked = notify("key", "revoke", listed[0]["id"])
    left = notify("key", "list").output

    assert [entry["name"] for entry in listed] == ["shop"]
    assert listed[0]["scopes"] == ["admin", "read", "send"]
    assert "shop  admin,read,send" in shown
    assert key.rpartition("_")[2] not in shown + json.dumps(listed)
    assert revoked.exit_code == 0
    assert left == "There are none.\n"


def test_a_script_gets_the_key_alone(notify: Notify, key: str) -> None:
    made = notify("key", "create", "other", "--scope", "send")

    assert re.fullmatch(r"nk_[0-9a-f]{12}_\S{43}\n", made.stdout)
    assert "the key is not shown again" in made.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["key", "revoke", "nothing"], 2, "no key 'nothing'"),
        (["key", "create", "a b", "--scope", "send"], 2, "is no name"),
        (["key", "create", "shop"], 2, "--scope"),
        (["serve", "--listen", "here"], 2, "127.0.0.1:8080"),
        (["serve", "--listen", "203.0.113.1:1"], 1, "choose another --listen"),
    ],
)
def test_what_is_wrong_with_the_command_is_told(
    notify: Notify, key: str, arguments: list[str], code: int, told: str
) -> None:
    ended = notify(*arguments)

    assert ended.exit_code == code
    assert told in ended.output


@pytest.mark.parametrize("taken", ["--listen", "--metrics-listen"])
def test_which_of_its_addresses_is_taken_is_told(
    notify: Notify, key: str, taken: str
) -> None:
    addresses = {"--listen": "127.0.0.1:0", "--metrics-listen": "127.0.0.1:0"}

    with socket.create_server(("127.0.0.1", 0)) as other:
        addresses[taken] = address = f"127.0.0.1:{other.getsockname()[1]}"
        ended = notify("serve", *chain.from_iterable(addresses.items()))

    assert ended.exit_code == 1
    why = f"cannot listen on {address}: Address already in use"
    assert ended.output == f"notify: {why}; choose another {taken}\n"


def test_who_has_no_keys_is_told_the_whole_command(start: Start, key: str) -> None:
    Path("keys.json").unlink()
    process = start("serve")
    assert process.stdout is not None

    told = next(line for line in process.stdout if "Nobody is let in" in line)

    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert "run `notify key create NAME --scope send`" in told


def test_without_a_file_of_keys_none_is_made(notify: Notify) -> None:
    ended = notify("key", "create", "shop", "--scope", "send")

    assert ended.exit_code == 3
    assert "names no server.keys_file" in ended.output


def test_a_worker_needs_a_store(notify: Notify) -> None:
    ended = notify("serve", "--worker", "--listen", "127.0.0.1:0")

    assert ended.exit_code == 3
    assert "set outbox.url" in ended.output
