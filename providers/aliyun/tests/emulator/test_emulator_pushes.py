"""What the emulator pushes, and what its settings refuse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from notify_aliyun.emulator import AliyunEmulator, create_emulator
from notify_aliyun.webhooks import parse_push

from notify_core.model.receipt import Receipt, TemplateReview
from notify_core.model.status import AttemptState
from notify_core.model.webhook import WebhookRequest
from notify_core.testing.emulator import PushState

FIXTURES = Path(__file__).parents[1] / "fixtures"
MINE = {"access_key_id": "YourAccessKeyId", "access_key_secret": "YourAccessKeySecret"}


def quoted(name: str) -> dict[str, Any]:
    [item] = json.loads((FIXTURES / name).read_bytes())
    return dict(item)


def events(body: bytes) -> tuple[Any, ...]:
    return parse_push(WebhookRequest(url="https://n.example", body=body)).events


async def test_a_receipt_follows_as_the_vendor_writes_it(
    open_desk: Any, receiver: Any
) -> None:
    desk = await open_desk(push_url=receiver.url)

    answer = await desk.submit(OutId="67890")
    await desk.emulator.pushed()

    [body] = receiver.bodies
    [item] = json.loads(body)
    told = {
        "phone_number": "13900001234",
        "send_time": "2023-10-26 18:22:32",
        "report_time": "2023-10-26 18:22:33",
        "biz_id": answer["BizId"],
    }
    assert item == quoted("sms_report.json") | told
    [row] = (await desk.details())["SmsSendDetailDTOs"]["SmsSendDetailDTO"]
    assert row["SendStatus"] == 3


@pytest.mark.parametrize(
    ("outcome", "code"),
    [("failed", "MOBILE_NOT_ON_SERVICE"), ("MOBILE_IN_BLACK", "MOBILE_IN_BLACK")],
)
async def test_a_failure_is_told_with_its_code(
    open_desk: Any, receiver: Any, outcome: str, code: str
) -> None:
    desk = await open_desk(push_url=receiver.url, receipt="none")
    await desk.submit(OutId="01K")

    push = await desk.emulator.push_receipt(to="13900001234", outcome=outcome)

    [event] = events(receiver.bodies[0])
    assert isinstance(event, Receipt)
    assert (event.state, event.code) == (AttemptState.UNDELIVERED, code)
    assert (event.reference, push.state) == ("01K", PushState.ACKNOWLEDGED)
    [row] = (await desk.details())["SmsSendDetailDTOs"]["SmsSendDetailDTO"]
    assert (row["SendStatus"], row["ErrCode"]) == (2, code)


async def test_a_receipt_can_be_scripted(open_desk: Any, receiver: Any) -> None:
    desk = await open_desk(push_url=receiver.url)
    desk.emulator.fault(do={"receipt": "failed"})

    await desk.submit()
    await desk.emulator.pushed()

    assert events(receiver.bodies[0])[0].state is AttemptState.UNDELIVERED


async def test_a_receipt_for_a_message_that_never_was(
    open_desk: Any, receiver: Any
) -> None:
    desk = await open_desk(push_url=receiver.url)

    await desk.emulator.push_receipt("1^0", to="13900001234")

    [event] = events(receiver.bodies[0])
    assert (event.provider_id, event.reference) == ("1^0", None)


async def test_a_reply_is_pushed_as_the_vendor_writes_it(
    open_desk: Any, receiver: Any
) -> None:
    desk = await open_desk(push_url=receiver.url)

    await desk.emulator.push_reply("13811110000", "内容")

    [item] = json.loads(receiver.bodies[0])
    told = {"send_time": "2023-10-26 18:22:32"}
    assert item == quoted("sms_up.json") | told


@pytest.mark.parametrize("approved", [True, False])
async def test_the_review_of_a_template_is_pushed(
    open_desk: Any, receiver: Any, *, approved: bool
) -> None:
    desk = await open_desk(push_url=receiver.url)
    asked = {"kind": "template", "template": "SMS_1", "approved": approved}

    async with desk.session.post(
        f"{desk.emulator.url}/_emulator/push", json=asked
    ) as response:
        assert response.status == 200

    [item] = json.loads(receiver.bodies[0])
    assert set(item) <= set(quoted("template_sms_report.json"))
    [event] = events(receiver.bodies[0])
    assert isinstance(event, TemplateReview)
    assert (event.template_id, event.approved) == ("SMS_1", approved)


@pytest.mark.parametrize(
    ("status", "reply", "state"),
    [
        (200, b'{"code":7}', PushState.ACKNOWLEDGED),
        (200, b"success", PushState.GIVEN_UP),
        (200, b'{"msg":"ok"}', PushState.GIVEN_UP),
        (200, b"[0]", PushState.GIVEN_UP),
        (503, b'{"code":0}', PushState.GIVEN_UP),
    ],
)
async def test_a_push_is_repeated_three_times_until_its_answer_is_right(
    open_desk: Any, receiver: Any, status: int, reply: bytes, state: PushState
) -> None:
    receiver.status, receiver.reply = status, reply
    desk = await open_desk(push_url=receiver.url)

    push = await desk.emulator.push_reply("13811110000", "TD")
    await desk.emulator.pushed()

    assert push.state is state
    repeated = [0, 60, 360, 960]
    begun = push.tries[0].at
    waits = [one.at - begun for one in push.tries]
    assert waits == (repeated if state is PushState.GIVEN_UP else [0])


async def test_without_an_address_nothing_is_pushed(desk: Any) -> None:
    await desk.submit()
    await desk.emulator.pushed()

    for pushing in (
        desk.emulator.push_receipt(to="13900001234"),
        desk.emulator.push_reply("13900001234", "TD"),
        desk.emulator.push_review("SMS_1"),
    ):
        with pytest.raises(LookupError, match="no URL is configured"):
            await pushing


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"push_url": "ftp://x"}, "push_url"),
        ({"accounts": []}, "accounts"),
        ({"accounts": [MINE, MINE]}, "accounts"),
        ({"accounts": [{"access_key_id": "a"}]}, "access_key_secret"),
        ({"limits": {"per_hour": 0}}, "per_hour"),
        ({"window": -1}, "window"),
        ({"push_delays": []}, "push_delays"),
        ({"balance": 1}, "balance"),
    ],
)
def test_settings_that_are_wrong_are_refused(
    settings: dict[str, Any], place: str
) -> None:
    with pytest.raises(ValueError, match=place):
        create_emulator(settings)


def test_a_repr_shows_no_secret_and_no_address() -> None:
    account = {**MINE, "access_key_secret": "hush"}
    made = create_emulator({"push_url": "http://x/token", "accounts": [account]})

    assert isinstance(made, AliyunEmulator)
    assert "hush" not in repr(made.settings)
    assert "token" not in repr(made.settings)
