"""Each refusal that the document has can happen, and none that it has not."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest

from notify_core import Secret
from notify_core.outbox.memory import MemoryOutbox
from notify_core.outbox.record import Record
from notify_core.outbox.sqlite import SqliteOutbox
from notify_core.server.contract import openapi
from notify_core.server.keys import Scope
from notify_core.server.problem import PROBLEM_TYPE, Kind
from tests.server.serving import CODE, PUSH_TOKEN, Serving, bearer, new_key, serving

DOCUMENT = openapi()
PROBLEM = DOCUMENT["components"]["schemas"]["Problem"]
#: What an operation takes, by its name.
TAKEN: Mapping[str, object] = {
    "send": CODE,
    "explain": CODE,
    "pause": {"why": "slow"},
    "suppress": {"to": "+8613800138099", "why": "asked for it"},
    "push": {"id": "v1", "state": "delivered"},
    "pushByGet": {"id": "v1", "state": "delivered"},
}
KNOWN = {"provider": "a", "name": "a", "token": PUSH_TOKEN, "id": "nobody"}
POLICIES: dict[str, Any] = {"policies": {"default": {"suppression": {}}}}
HASH_KEY = Secret("0123456789abcdef0123456789abcdef")


@attrs.frozen
class Operation:
    """One method of one path."""

    name: str
    method: str
    path: str
    #: Statuses of its answers.
    documented: frozenset[int]

    @classmethod
    def all(cls) -> Iterator[Operation]:
        """Yield all that the document has."""
        for path, item in DOCUMENT["paths"].items():
            for method in item.keys() & {"get", "post", "delete"}:
                found = item[method]
                statuses = frozenset(map(int, found["responses"]))
                yield cls(found["operationId"], method.upper(), path, statuses)

    def target(self, values: Mapping[str, str] = KNOWN) -> str:
        return self.path.format(**{"address": "+8613800138099", **values})


OPERATIONS = sorted(Operation.all(), key=lambda operation: operation.name)


def documented(status: int) -> set[str]:
    return {each.name for each in OPERATIONS if status in each.documented}


async def answered(
    service: Serving,
    status: int,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    query: str = "",
    values: Mapping[str, str] = KNOWN,
) -> set[str]:
    """Ask all, and return the names of those that answer with a status."""
    found = set()
    for each in OPERATIONS:
        taken = json.dumps(TAKEN.get(each.name)).encode()
        async with service.client.request(
            each.method,
            each.target(values) + query,
            data=taken if body is None else body,
            headers={"Content-Type": "application/json", **(headers or {})},
        ) as answer:
            told = await answer.read()
        assert "X-Request-Id" in answer.headers
        assert ("Retry-After" in answer.headers) == (answer.status in (429, 503))
        if answer.content_type == PROBLEM_TYPE:
            _check_problem(answer.status, json.loads(told))
        if answer.status == status:
            found.add(each.name)
    return found


def _check_problem(status: int, told: dict[str, Any]) -> None:
    by_type = {kind["const"]: kind for kind in PROBLEM["properties"]["type"]["oneOf"]}
    assert by_type[told["type"]]["title"] == told["title"]
    assert by_type[told["type"]]["description"] == str(status) == str(told["status"])


def test_every_kind_of_problem_is_documented() -> None:
    kinds = {
        (kind["const"], kind["description"], kind["title"])
        for kind in PROBLEM["properties"]["type"]["oneOf"]
    }

    assert kinds == {(kind.type, str(kind.status), kind.title) for kind in Kind}


async def test_who_shows_no_key_is_refused_as_documented(service: Serving) -> None:
    found = await answered(service, 401, headers={"Authorization": ""})

    assert found == documented(401)


async def test_who_may_not_is_refused_as_documented(service: Serving) -> None:
    wrong = {**KNOWN, "token": "wrong"}
    found = set()

    for scope in (Scope.METRICS, Scope.READ):
        key = bearer(new_key(service.keys, scope, name=scope))
        found |= await answered(service, 403, headers=key, values=wrong)

    assert found == documented(403)


async def test_what_is_not_there_is_not_found_as_documented(durable: Serving) -> None:
    values = {"name": "nobody", "provider": "nobody", "address": "+8613800138098"}

    found = await answered(durable, 404, values={**KNOWN, **values})

    assert found == documented(404)


async def test_what_cannot_be_read_is_refused_as_documented(service: Serving) -> None:
    found = await answered(service, 400, query="?unknown=1", body=b"{")

    assert found == documented(400)


async def test_another_format_is_refused_as_documented(service: Serving) -> None:
    headers = {"Content-Type": "text/plain", "Content-Encoding": "gzip"}

    assert await answered(service, 415, headers=headers) == documented(415)


async def test_what_makes_no_sense_is_refused_as_documented(service: Serving) -> None:
    found = await answered(service, 422, body=b"{}", values={**KNOWN, "address": "12"})

    assert found == documented(422)


async def test_what_is_not_done_is_counted(service: Serving) -> None:
    await answered(service, 401, headers={"Authorization": ""})

    count = service.notifier.metrics.registry.get_sample_value
    name = "notify_http_problems_total"
    assert count(name, {"type": "unauthorized"}) == len(documented(401))
    assert count(name, {"type": "defect"}) == 0


async def test_who_asks_too_often_is_refused_as_documented(tmp_path: Path) -> None:
    server = {"limits": {"rate": "1/h"}}

    async with serving(tmp_path, server=server) as service:
        async with service.client.get("/v1/providers"):
            pass
        assert await answered(service, 429) == documented(429)


@pytest.mark.parametrize(("length", "status"), [(100_000_000, 413), (5, 408)])
async def test_large_and_slow_bodies_are_refused_as_documented(
    tmp_path: Path, length: int, status: int
) -> None:
    found = set()

    async with serving(tmp_path, server={"limits": {"patience": "50ms"}}) as service:
        for each in OPERATIONS:
            answer = await service.raw(
                f"{each.method} {each.target()} HTTP/1.1\r\nHost: x\r\n"
                f"Authorization: {bearer(service.key)['Authorization']}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {length}\r\n"
                "Connection: close\r\n\r\n".encode(),
                seconds=60,
            )
            if answer[9:12] == str(status).encode():
                found.add(each.name)

    assert found == documented(status)


async def test_other_content_under_a_key_is_a_conflict_as_documented(
    service: Serving,
) -> None:
    headers = {"Idempotency-Key": "k"}
    other = {**CODE, "params": {"code": "1"}}

    async with service.client.post("/v1/messages", json=other, headers=headers):
        pass
    found = await answered(service, 409, headers=headers)

    assert found == documented(409)


@pytest.fixture
async def away(tmp_path: Path) -> AsyncIterator[Serving]:
    """A service whose store cannot be reached."""
    outbox = SqliteOutbox(tmp_path / "nowhere" / "notify.db", HASH_KEY)
    async with serving(tmp_path, outbox=outbox, config=POLICIES) as service:
        yield service
    await outbox.aclose()


async def test_a_store_that_is_away_is_told_as_documented(
    away: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    assert await answered(away, 503) == documented(503)
    assert "the store is away: outbox " in caplog.text


async def test_a_caller_is_not_told_where_the_store_is(away: Serving) -> None:
    async with away.client.post("/v1/messages", json=CODE) as answer:
        told = await answer.json()

    assert "nowhere" not in json.dumps(told)


class Defective(MemoryOutbox):
    """A host's own store with a defect."""

    async def get(self, message: str) -> Record | None:
        """Fail as no store may."""
        raise RuntimeError(f"{message} +8613800138000")


async def test_a_defect_is_told_as_documented_and_not_what_it_was(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(tmp_path, outbox=Defective()) as service:
        found = await answered(service, 500)

    assert {"show", "ready"} <= found <= documented(500)
    assert "unforeseen RuntimeError at " in caplog.text
    assert "8613800138000" not in caplog.text
