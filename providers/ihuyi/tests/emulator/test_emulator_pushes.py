"""Receipts, replies and audits reach the customer as the vendor sends them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, parse_qsl

import aiohttp
import pytest

NUMBER = "13800138000"


def fields(body: str) -> dict[str, str]:
    return dict(parse_qsl(body))


async def test_a_receipt_follows_an_accepted_message(
    open_desk: Any, receiver: Any
) -> None:
    desk = await open_desk(push_url=receiver.url, receipt_delay=5)

    answer = await desk.submit()
    await desk.emulator.pushed()

    [body] = receiver.bodies
    assert fields(body) == {
        "code": "2",
        "msg": "接收成功",
        "mobilephone": NUMBER,
        "smsid": answer["smsid"],
        "report_time": "2015-12-31 14:55:46",
    }
    assert desk.emulator.messages[0].receipt == "delivered"
    assert desk.time.slept == [5, 0]


async def test_without_a_url_nothing_is_pushed(desk: Any) -> None:
    await desk.submit()
    await desk.emulator.pushed()

    assert not desk.emulator.pushes.log


async def test_a_refused_message_has_no_receipt(open_desk: Any, receiver: Any) -> None:
    desk = await open_desk(push_url=receiver.url)

    await desk.submit(mobile="1")
    await desk.emulator.pushed()

    assert receiver.bodies == []


@pytest.mark.parametrize("answer", ["success", " success\n"])
async def test_success_is_the_only_answer_that_counts(
    open_desk: Any, receiver: Any, answer: str
) -> None:
    receiver.answers = ["ok", "Success!", answer]
    desk = await open_desk(push_url=receiver.url, receipt_delay=0)

    await desk.submit()
    await desk.emulator.pushed()

    assert len(receiver.bodies) == 3
    assert desk.time.slept == [0, 0, 60, 120]
    assert desk.emulator.pushes.log[0].state == "acknowledged"


async def test_the_vendor_gives_up_after_three_tries(
    open_desk: Any, receiver: Any
) -> None:
    receiver.answers = ["no"]
    desk = await open_desk(push_url=receiver.url)

    await desk.submit()
    await desk.emulator.pushed()

    assert len(receiver.bodies) == 3
    assert len(set(receiver.bodies)) == 1
    assert desk.emulator.pushes.log[0].state == "given_up"


async def test_the_schedule_is_a_setting(open_desk: Any, receiver: Any) -> None:
    receiver.answers = ["no"]
    desk = await open_desk(push_url=receiver.url, push_delays=[1], receipt_delay=0)

    await desk.submit()
    await desk.emulator.pushed()

    assert desk.time.slept == [0, 1]


@pytest.mark.parametrize(
    ("receipt", "code"), [("delivered", "2"), ("failed", "0"), ("9", "9")]
)
async def test_what_receipts_say_is_a_setting(
    open_desk: Any, receiver: Any, receipt: str, code: str
) -> None:
    desk = await open_desk(push_url=receiver.url, receipt=receipt)

    await desk.submit()
    await desk.emulator.pushed()

    assert fields(receiver.bodies[0])["code"] == code


async def test_receipts_can_be_switched_off(open_desk: Any, receiver: Any) -> None:
    desk = await open_desk(push_url=receiver.url, receipt="none")

    await desk.submit()
    await desk.emulator.pushed()

    assert receiver.bodies == []


async def test_a_failed_message_is_refunded_once(open_desk: Any, receiver: Any) -> None:
    desk = await open_desk(push_url=receiver.url, receipt="none")
    smsid = (await desk.submit())["smsid"]
    balances = [(await desk.balance())["num"]]

    for _ in range(2):
        await desk.emulator.push_receipt(smsid, outcome="failed")
        balances.append((await desk.balance())["num"])

    assert balances == ["9999", "10000", "10000"]


async def test_an_account_may_have_urls_of_its_own(
    open_desk: Any, account: Any, receiver: Any
) -> None:
    desk = await open_desk(
        push_url="http://127.0.0.1:1/",
        accounts=[
            account(
                receipt_url=f"{receiver.url}?kind=receipt",
                reply_url=f"{receiver.url}?kind=reply",
                template_url=f"{receiver.url}?kind=template",
            )
        ],
    )

    await desk.submit()
    await desk.emulator.pushed()
    await desk.emulator.push_reply(NUMBER, "好")
    await desk.emulator.push_audit("1")

    assert [push.request.url for push in desk.emulator.pushes.log] == [
        f"{receiver.url}?kind={kind}" for kind in ("receipt", "reply", "template")
    ]
    assert len(receiver.bodies) == 3


async def test_a_reply_names_the_message_it_follows(
    open_desk: Any, receiver: Any
) -> None:
    desk = await open_desk(push_url=receiver.url, receipt="none")
    smsid = (await desk.submit())["smsid"]

    await desk.emulator.push_reply(f"+86{NUMBER}", "TD")

    assert fields(receiver.bodies[0]) == {
        "mobilephone": NUMBER,
        "content": "TD",
        "smsid": smsid,
        "reply_time": "2015-12-31 14:55:41",
    }


async def test_an_international_handset_cannot_reply_but_has_receipts(
    open_desk: Any, account: Any, receiver: Any
) -> None:
    desk = await open_desk(push_url=receiver.url, accounts=[account(product="isms")])
    answer = await desk.submit("/isms/Submit.json", mobile="852 84560000")
    await desk.emulator.pushed()

    with pytest.raises(LookupError, match="the product isms has no replies"):
        await desk.emulator.push_reply("852 84560000", "hello")

    [body] = receiver.bodies
    assert fields(body)["ismsid"] == answer["ismsid"]
    assert fields(body)["mobilephone"] == "852 84560000"


async def test_a_filed_template_is_audited_and_may_then_be_used(
    open_desk: Any, receiver: Any
) -> None:
    desk = await open_desk(push_url=receiver.url, audit_delay=30, receipt="none")

    filed = await desk.add_template("订单【变量】已签收。")
    await desk.emulator.pushed()
    code = await desk.code(content="订单42已签收。")

    assert filed == {"code": 2, "msg": "添加成功", "templateid": 100001}
    assert code == 2
    assert fields(receiver.bodies[0]) == {
        "code": "2",
        "msg": "审核通过",
        "templateid": "100001",
    }
    assert desk.time.slept[0] == 30


@pytest.mark.parametrize(("audit", "codes"), [("refuse", ["0"]), ("none", [])])
async def test_a_filed_template_may_be_refused_or_left_waiting(
    open_desk: Any, receiver: Any, audit: str, codes: list[str]
) -> None:
    desk = await open_desk(push_url=receiver.url, audit=audit)

    await desk.add_template("订单【变量】已签收。")
    await desk.emulator.pushed()

    assert [fields(body)["code"] for body in receiver.bodies] == codes
    assert await desk.code(content="订单42已签收。") == 4072


async def test_a_template_is_audited_without_a_url_too(desk: Any) -> None:
    await desk.add_template("订单【变量】已签收。")
    await desk.emulator.pushed()

    assert await desk.code(content="订单42已签收。") == 2


@pytest.mark.parametrize(
    "content", ["【变量】签收", "订单【1】", "[订单]", "订单]", "【互亿无线】订单"]
)
async def test_a_template_against_the_rules_is_not_filed(
    desk: Any, content: str
) -> None:
    answer = await desk.add_template(content)

    assert (answer["code"], answer["templateid"]) == (407, 0)


async def test_the_templates_of_an_account_are_bounded(open_desk: Any) -> None:
    desk = await open_desk(max_templates=2)

    codes = [(await desk.add_template(f"通知{n}"))["code"] for n in range(2)]

    assert codes == [2, 0]


async def test_an_audit_can_be_pushed_over_http(open_desk: Any, receiver: Any) -> None:
    desk = await open_desk(push_url=receiver.url)
    asked = {"kind": "template", "template": "1", "approved": False}

    url = f"{desk.emulator.url}/_emulator/push"
    async with desk.session.post(url, json=asked) as response:
        assert (await response.json())["state"] == "acknowledged"

    assert fields(receiver.bodies[0])["code"] == "0"
    assert await desk.code() == 4071


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ({"template": "9"}, "the account has no template 9"),
        ({"template": "1", "account": "nobody"}, "the account has no template 1"),
        ({"template": "1"}, "no URL is configured for templates"),
    ],
)
async def test_an_audit_that_cannot_be_pushed_says_why(
    desk: Any, asked: dict[str, str], complaint: str
) -> None:
    with pytest.raises(LookupError, match=complaint):
        await desk.emulator.push_audit(**asked)


async def test_a_dropped_answer_and_then_its_receipt_can_be_scripted_over_http(
    open_desk: Any, receiver: Any
) -> None:
    desk = await open_desk(push_url=receiver.url, receipt="none")
    fault = {"match": {"next": 1}, "do": {"close": "after", "receipt": "delivered"}}
    url = f"{desk.emulator.url}/_emulator/faults"
    async with desk.session.post(url, json=fault) as response:
        assert response.status == 201

    with pytest.raises(aiohttp.ServerDisconnectedError):
        await desk.submit()
    await desk.emulator.pushed()

    [arrival] = desk.emulator.messages
    assert parse_qs(receiver.bodies[0])["smsid"] == [arrival.id]
    assert (await desk.balance())["num"] == "9999"
