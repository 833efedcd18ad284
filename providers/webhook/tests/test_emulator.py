"""The strict receiver: what it takes, what it refuses, and what it shows."""

import asyncio
import json
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import aiohttp
import pytest
from notify_webhook.emulator import (
    TEST_SECRET,
    Settings,
    WebhookEmulator,
    create_emulator,
)
from notify_webhook.provider_type import WEBHOOK
from standardwebhooks.webhooks import Webhook

from notify_core.testing.emulator import structure

RUST_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"  # noqa: S105 (a published one)
NOW = 1649367553
DOCUMENT = {"type": "message.notice", "timestamp": "2022-04-07T21:39:13Z", "data": {}}
BODY = json.dumps(DOCUMENT)


@pytest.fixture
async def opened():
    """Start a receiver with the given settings, on a clock that stands still."""
    async with AsyncExitStack() as stack:

        async def opened(now=NOW, **settings):
            made = structure(settings, Settings, "settings")
            emulator = WebhookEmulator(made, clock=lambda: now)
            return await stack.enter_async_context(emulator)

        yield opened


@pytest.fixture
async def post(opened):
    """Post to a receiver as the scheme's own library signs, with changes."""
    async with aiohttp.ClientSession() as session:

        async def post(emulator, endpoint="orders", body=BODY, at=NOW, **changes):
            headers = {**signed(body, at), **changes}
            given = {name.replace("_", "-"): v for name, v in headers.items() if v}
            url = f"{emulator.url}/{endpoint}"
            async with session.post(url, data=body, headers=given) as response:
                return response.status, (await response.text()).strip()

        yield post


def signed(body, at=NOW, secret=TEST_SECRET, message_id="01K"):
    time = datetime.fromtimestamp(at, UTC)
    return {
        "content_type": "application/json",
        "webhook_id": message_id,
        "webhook_timestamp": str(at),
        "webhook_signature": Webhook(secret).sign(message_id, time, body),
    }


# What it takes.


@pytest.mark.parametrize(
    ("case", "now", "secret"),
    [
        ("signed_by_python_library", 1614265330, TEST_SECRET),
        ("signed_by_rust_library", 1649367553, RUST_SECRET),
    ],
)
async def test_a_published_request_is_taken(opened, golden, case, now, secret):
    emulator = await opened(now=now, secrets=[secret], members=[])
    head, _, body = golden(f"{case}.request").partition(b"\n\n")
    length = f"\r\nHost: here\r\nConnection: close\r\nContent-Length: {len(body)}"
    request = head.replace(b"\n", b"\r\n") + length.encode() + b"\r\n\r\n" + body

    host, port = emulator.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()

    assert answer.startswith(b"HTTP/1.1 204 ")
    assert [arrival.to for arrival in emulator.messages] == ["orders"]


async def test_what_arrived_is_shown_as_it_is_read(opened, post):
    emulator = await opened()
    body = json.dumps({**DOCUMENT, "data": {"text": "您的订单已发货。"}})

    assert await post(emulator, body=body) == (204, "")

    [arrival] = emulator.messages
    assert (arrival.id, arrival.to, arrival.channel) == ("01K", "orders", "webhook")
    assert '"text": "您的订单已发货。"' in arrival.text
    assert arrival.login_code == ""
    async with aiohttp.ClientSession() as session, session.get(emulator.url) as page:
        assert "您的订单已发货。" in await page.text()


async def test_one_signature_of_several_is_enough(opened, post):
    emulator = await opened(secrets=[TEST_SECRET, RUST_SECRET])
    fits = signed(BODY, secret=RUST_SECRET)["webhook_signature"]
    given = f"v1,AAAA v1a,{fits[3:]} {fits}"

    assert (await post(emulator, webhook_signature=given))[0] == 204


async def test_a_message_that_came_before_is_dropped(opened, post):
    emulator = await opened()

    await post(emulator)
    again = await post(emulator)

    assert again == (204, "")
    assert len(emulator.messages) == 1
    assert emulator.submissions[-1].answer == "known already"


async def test_a_receiver_may_forget_what_came_before(opened, post):
    emulator = await opened(drops_duplicates=False)

    await post(emulator)
    await post(emulator)

    assert emulator.accepted == 2


# What it refuses.


@pytest.mark.parametrize(
    ("changes", "status", "why"),
    [
        ({"webhook_id": ""}, 400, "webhook-id is missing"),
        ({"webhook_timestamp": ""}, 400, "webhook-timestamp is missing"),
        ({"webhook_signature": ""}, 400, "webhook-signature is missing"),
        ({"webhook_timestamp": "now"}, 400, "is no whole number of seconds"),
        ({"webhook_timestamp": "1649367553.0"}, 400, "is no whole number"),
        ({"webhook_timestamp": str(NOW - 1)}, 401, "no webhook-signature fits"),
        ({"webhook_id": "01L"}, 401, "no webhook-signature fits"),
        ({"webhook_signature": "v1,AAAA"}, 401, "no webhook-signature fits"),
        ({"content_type": "text/plain"}, 415, "send JSON"),
    ],
)
async def test_a_request_that_is_not_the_schemes_is_refused(
    opened, post, changes, status, why
):
    emulator = await opened()

    answer = await post(emulator, **changes)

    assert answer[0] == status
    assert why in answer[1]
    assert emulator.messages == []


@pytest.mark.parametrize(
    ("age", "status"), [(300, 204), (301, 401), (-300, 204), (-301, 401)]
)
async def test_a_clock_may_be_five_minutes_off(opened, post, age, status):
    emulator = await opened()

    assert (await post(emulator, at=NOW - age))[0] == status


async def test_another_body_than_the_signed_one_is_refused(opened, post):
    emulator = await opened()
    signature = signed(BODY)["webhook_signature"]

    answer = await post(emulator, body=BODY + " ", webhook_signature=signature)

    assert answer == (401, "no webhook-signature fits")


async def test_a_signature_under_another_version_does_not_count(opened, post):
    emulator = await opened()
    signature = signed(BODY)["webhook_signature"].replace("v1,", "v2,")

    assert (await post(emulator, webhook_signature=signature))[0] == 401


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [
        ("", 400, "the body is no JSON object"),
        ("[]", 400, "the body is no JSON object"),
        ("[" * 100_000, 400, "the body is no JSON object"),
        ('{"type": "a", "data": {}}', 422, "the body has no timestamp"),
        (json.dumps({**DOCUMENT, "x": 1}), 422, "unknown members: x"),
    ],
)
async def test_a_body_of_another_shape_is_refused(opened, post, body, status, why):
    emulator = await opened()

    answer = await post(emulator, body=body)

    assert answer[0] == status
    assert why in answer[1]


async def test_endpoints_that_are_not_there_and_that_are_gone(opened, post):
    emulator = await opened(endpoints=["orders", "old"], gone=["old"])

    assert (await post(emulator, "orders"))[0] == 204
    assert (await post(emulator, "others"))[0] == 404
    assert (await post(emulator, "old"))[0] == 410


async def test_only_posts_are_taken(opened):
    emulator = await opened()

    url = f"{emulator.url}/orders"
    async with aiohttp.ClientSession() as session, session.put(url) as response:
        assert response.status == 405


# What is scripted.


async def test_an_endpoint_named_for_a_status_always_answers_with_it(opened, post):
    emulator = await opened(retry_after=9)

    assert (await post(emulator, "status-503"))[0] == 503
    assert (await post(emulator, "status-200"))[0] == 200
    assert [arrival.to for arrival in emulator.messages] == ["status-200"]


async def test_what_is_taken_because_it_is_scripted_is_shown_as_it_came(opened, post):
    emulator = await opened()

    assert (await post(emulator, "status-202", body="hello"))[0] == 202
    assert [arrival.text for arrival in emulator.messages] == ["hello"]


async def test_those_who_are_to_wait_are_told_how_long(opened):
    emulator = await opened(retry_after=9)
    emulator.fault(match={"next": 1}, do={"code": "429"})

    url = f"{emulator.url}/orders"
    async with aiohttp.ClientSession() as session, session.post(url) as response:
        assert response.status == 429
        assert response.headers["Retry-After"] == "9"


async def test_a_connection_can_be_closed_unread(opened, post):
    emulator = await opened()
    emulator.fault(match={"next": 1}, do={"close": "before"})

    with pytest.raises(aiohttp.ClientConnectionError):
        await post(emulator)

    assert (await post(emulator))[0] == 204


# What it is made of.


async def test_the_provider_type_offers_it_with_options():
    emulator = WEBHOOK.make_emulator({"secrets": [RUST_SECRET], "tolerance": 60})

    assert isinstance(emulator, WebhookEmulator)
    assert emulator.settings.tolerance == 60


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"secrets": []}, "give at least one"),
        ({"secrets": ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]}, "begins with whsec_"),
        ({"secrets": ["whsec_"]}, "one is empty"),
        ({"secrets": ["whsec_***"]}, "no Base64"),
        ({"tolerance": -1}, "tolerance"),
        ({"keep": 0}, "keep"),
        ({"push_url": "http://127.0.0.1:1"}, "unknown key push_url"),
    ],
)
def test_options_that_are_not_its_are_refused(options, why):
    with pytest.raises(ValueError, match=why):
        create_emulator(options)


def test_the_settings_show_no_secret():
    assert "whsec_" not in repr(Settings())
