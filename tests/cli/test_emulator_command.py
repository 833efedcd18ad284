from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli.conftest import PATIENCE, Notify, Start, fetch, first_document


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_stop(start: Start, number: int) -> None:
    process = start("emulator", "acme", "--json")
    document = first_document(process)

    body = fetch(document["url"])
    process.send_signal(number)
    _, complaints = process.communicate(timeout=PATIENCE)

    assert b"acme" in body
    assert (process.returncode, complaints) == (0, "")


def test_it_takes_its_address_from_the_options(notify: Notify) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    stopper = threading.Thread(target=stop_when_it_serves, args=[port])
    stopper.start()

    ended = notify("emulator", "acme", "--host", "127.0.0.1", "--port", str(port))
    stopper.join()

    assert ended.exit_code == 0
    assert f"runs on http://127.0.0.1:{port}\n" in ended.output


def stop_when_it_serves(port: int) -> None:
    """Send SIGTERM to this process: by then the emulator takes it."""
    for _ in range(1000):
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port)).close()
            os.kill(os.getpid(), signal.SIGTERM)
            return
        time.sleep(0.005)


def test_it_says_how_to_point_a_configuration_at_it(start: Start) -> None:
    process = start("emulator", "acme", "--host", "127.0.0.1", "--port", "0")
    assert process.stdout is not None

    shown = "".join(process.stdout.readline() for _ in range(7))
    process.terminate()
    process.communicate(timeout=PATIENCE)

    assert "The acme emulator runs on http://127.0.0.1:" in shown
    assert "settings: {base_url: http://127.0.0.1:" in shown


def test_a_taken_port_is_told_with_the_remedy(notify: Notify) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        ended = notify("emulator", "acme", "--port", str(port))

    assert ended.exit_code == 1
    why = f"cannot listen on 127.0.0.1:{port}: Address already in use"
    assert ended.stderr == f"notify: {why}; choose another --port\n"


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (("acne",), "no provider type 'acne' is installed; did you mean 'acme'?"),
        (("fake",), "provider type 'fake' has no emulator"),
        (("acme", "--settings", "none.yaml"), "none.yaml"),
        (("acme", "--settings", "list.yaml"), "must hold a mapping"),
        (("acme", "--settings", "odd.yaml"), "unknown key colour"),
    ],
)
def test_what_cannot_be_started_ends_with_3(
    notify: Notify, arguments: tuple[str, ...], fault: str
) -> None:
    Path("list.yaml").write_text("[1]")
    Path("odd.yaml").write_text("colour: red")

    ended = notify("emulator", *arguments)

    assert ended.exit_code == 3
    assert fault in ended.stderr
    assert "Traceback" not in ended.output


def test_settings_and_push_url_reach_the_emulator(start: Start) -> None:
    Path("settings.yaml").write_text("refused: Hello\n")
    process = start(
        *("emulator", "acme", "--settings", "settings.yaml", "--json"),
        *("--push-url", "http://127.0.0.1:9/pushes"),
    )
    url = first_document(process)["url"]

    body = fetch(f"{url}/send", b'{"to": "1", "text": "Hello"}')
    process.terminate()
    process.communicate(timeout=PATIENCE)

    assert json.loads(body) == {"error": "E7"}
