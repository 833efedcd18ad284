"""Who is let in, how often, and what nobody ever sees."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from notify_core import Secret, WebhookReply, WebhookRequest
from notify_core.errors import ConfigurationError
from notify_core.model.rate import Rate
from notify_core.model.webhook import Push
from notify_core.server.bucket import Buckets
from notify_core.server.keys import ApiKey, KeyFile, KeyRing, Scope
from tests.server.serving import (
    CODE,
    LEAST,
    NOW,
    PUSH_TOKEN,
    Serving,
    bearer,
    new_key,
    serving,
)

#: What each scope opens, and with what method.
OPENS = {
    Scope.SEND: ("POST", "/v1/messages"),
    Scope.READ: ("GET", "/v1/providers"),
    Scope.ADMIN: ("POST", "/-/reload"),
    Scope.METRICS: ("GET", "/metrics"),
}


@pytest.mark.parametrize("given", Scope)
@pytest.mark.parametrize("needed", OPENS)
async def test_a_key_opens_what_its_scopes_say_and_nothing_else(
    tmp_path: Path, given: Scope, needed: Scope
) -> None:
    method, path = OPENS[needed]

    async with (
        serving(tmp_path, scopes=[given]) as service,
        service.client.request(method, path, json=CODE) as answer,
    ):
        assert (answer.status == 403) == (given is not needed)


@pytest.mark.parametrize(
    "shown",
    ["", "Bearer", "Bearer x", "Basic eDp5", "Bearer nk_000000000000_" + "a" * 43],
)
async def test_who_shows_no_valid_key_is_kept_out(service: Serving, shown: str) -> None:
    headers = {"Authorization": shown}

    async with service.client.get("/v1/providers", headers=headers) as answer:
        told = await answer.json()

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert told["type"] == "urn:notify-core:problem:unauthorized"


async def test_without_a_file_of_keys_nobody_is_let_in(tmp_path: Path) -> None:
    async with (
        serving(tmp_path, server={"keys_file": str(tmp_path / "none")}) as service,
        service.client.get("/v1/providers") as answer,
    ):
        assert answer.status == 401


async def test_several_keys_are_valid_until_one_is_revoked(service: Serving) -> None:
    second = new_key(service.keys, Scope.READ)

    async with service.client.get("/v1/providers", headers=bearer(second)) as answer:
        assert answer.status == 200
    kept = KeyFile(service.keys)
    kept.write(kept.read()[1:])
    async with service.client.get("/v1/providers") as answer:
        assert answer.status == 401
    async with service.client.get("/v1/providers", headers=bearer(second)) as answer:
        assert answer.status == 200


async def test_an_unreadable_file_of_keys_changes_nothing(
    service: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    service.keys.write_text("{")

    async with service.client.get("/v1/providers") as answer:
        assert answer.status == 200
    assert "the API keys stay as they were" in caplog.text


def test_a_broken_file_of_keys_is_refused(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "keys.json")
    file.path.write_text('{"version": 1, "keys": [{"id": "x"}]}')

    with pytest.raises(ConfigurationError, match=r"keys\.0\.hash is missing"):
        file.read()


def test_no_key_is_in_its_file_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    shown = new_key(tmp_path / "keys.json")

    written = (tmp_path / "keys.json").read_text()
    assert shown.reveal() not in written
    assert shown.reveal().split("_", 2)[2] not in written
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600


def test_a_key_is_found_by_all_of_it() -> None:
    key, shown = ApiKey.new("shop", [Scope.SEND], NOW)
    ring = KeyRing([key])

    assert ring.find(shown.reveal()) is key
    assert ring.find(shown.reveal()[:-1] + "!") is None
    assert ring.find(f"nk_{key.id}_" + "a" * 43) is None


@pytest.mark.parametrize("name", ["", "a b", "-a", "a" * 64, "a:b"])
def test_a_name_of_a_key_is_one(name: str) -> None:
    with pytest.raises(ValueError, match="is no name"):
        ApiKey.new(name, [Scope.SEND], NOW)


def test_a_bucket_is_filled_again_at_the_rate() -> None:
    now = 0.0
    buckets = Buckets(Rate(2, "s"), lambda: now)

    first = [buckets.take("shop") for _ in range(3)]
    now = 0.5
    later = [buckets.take("shop"), buckets.take("shop"), buckets.take("billing")]

    assert first == [0.0, 0.0, 0.5]
    assert later == [0.0, 0.5, 0.0]


async def test_too_many_requests_with_keys_of_a_name_are_refused(
    tmp_path: Path,
) -> None:
    limits = {"limits": {"rate": "2/h"}}

    async with serving(tmp_path, server=limits) as service:
        async with service.client.get("/v1/providers") as answer:
            assert answer.status == 200
        async with service.client.get("/v1/providers") as answer:
            told = await answer.json()

    assert answer.status == 429
    assert answer.headers["Retry-After"] == "1800"
    assert told["type"] == "urn:notify-core:problem:rate-limited"


async def test_no_key_token_or_number_is_in_the_log(
    service: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key = service.key.reveal()

    async with service.client.post("/v1/messages", json=CODE):
        pass
    async with service.client.get("/v1/messages?to=%2B8613800138000"):
        pass
    async with service.client.delete("/v1/suppressions/+8613800138000"):
        pass
    async with service.client.post(f"/webhooks/a/{PUSH_TOKEN}"):
        pass
    await service.raw(
        f"GET / HTTP/1.1\r\nAuthorization: Bearer {key}\r\n\x00\r\n".encode()
    )

    assert "path=/webhooks/{provider}/{token}" in caplog.text
    for hidden in (key, PUSH_TOKEN, "8613800138000", "2546"):
        assert hidden not in caplog.text


async def test_a_request_has_the_id_that_it_brings(
    service: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    headers = {"X-Request-Id": "from-the-gateway.1"}

    async with service.client.get("/v1/providers", headers=headers) as answer:
        given = answer.headers["X-Request-Id"]

    assert given == "from-the-gateway.1"
    assert "request id=from-the-gateway.1 caller=shop method=GET" in caplog.text


async def test_whose_key_does_not_open_it_is_named_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    async with (
        serving(tmp_path, scopes=[Scope.READ]) as service,
        service.client.post("/v1/messages", json=CODE),
    ):
        pass

    assert "caller=shop method=POST path=/v1/messages status=403" in caplog.text


async def test_an_id_that_would_disturb_the_log_is_replaced(service: Serving) -> None:
    headers = {"X-Request-Id": "two words"}

    async with service.client.get("/healthz", headers=headers) as answer:
        assert len(answer.headers["X-Request-Id"]) == 24


@pytest.mark.parametrize(
    ("trusted", "forwarded", "status"),
    [
        (["127.0.0.0/8"], "203.0.113.7", 200),
        (["127.0.0.0/8"], "198.51.100.1", 403),
        # What the caller itself wrote stands before what the proxy wrote.
        (["127.0.0.0/8"], "203.0.113.7, 198.51.100.1", 403),
        (["127.0.0.0/8"], "198.51.100.1, 203.0.113.7, 127.0.0.2", 200),
        (["127.0.0.0/8"], "nonsense", 403),
        ([], "203.0.113.7", 403),
    ],
)
async def test_allow_lists_of_pushes_see_through_trusted_proxies(
    tmp_path: Path, trusted: list[str], forwarded: str, status: int
) -> None:
    webhook = {"tokens": [Secret(PUSH_TOKEN)], "allow_from": ["203.0.113.0/24"]}
    providers = {**LEAST["providers"], "a": {"type": "fake", "webhook": webhook}}

    async with serving(
        tmp_path,
        server={"trusted_proxies": trusted},
        config={"providers": providers},
    ) as service:
        push = Push(events=(), reply=WebhookReply(body=b"ok"))
        vars(service.vendor["a"])["parse_webhook"] = lambda _: push
        async with service.client.post(
            f"/webhooks/a/{PUSH_TOKEN}", headers={"X-Forwarded-For": forwarded}
        ) as answer:
            assert answer.status == status


async def test_a_push_is_handed_on_as_the_vendor_made_it(tmp_path: Path) -> None:
    seen: list[WebhookRequest] = []

    def parse(request: WebhookRequest) -> Push:
        seen.append(request)
        return Push(
            events=(), reply=WebhookReply(body=b"<ok/>", content_type="text/xml")
        )

    proxy = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "n.example"}
    async with serving(tmp_path, server={"trusted_proxies": ["127.0.0.1"]}) as service:
        vars(service.vendor["a"])["parse_webhook"] = parse
        async with service.client.post(
            f"/webhooks/a/{PUSH_TOKEN}?x=1", data=b"a=b", headers=proxy
        ) as answer:
            told = await answer.read()

    assert (told, answer.content_type) == (b"<ok/>", "text/xml")
    assert seen[0].url == f"https://n.example/webhooks/a/{PUSH_TOKEN}?x=1"
    assert seen[0].body == b"a=b"


async def test_a_push_with_a_wrong_token_is_refused(service: Serving) -> None:
    async with service.client.post("/webhooks/a/wrong") as answer:
        assert answer.status == 403
    async with service.client.post("/webhooks/nobody/wrong") as answer:
        assert answer.status == 404
