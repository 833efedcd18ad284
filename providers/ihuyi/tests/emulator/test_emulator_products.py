"""The other products differ from `sms` as one table says."""

from __future__ import annotations

from hashlib import md5
from typing import Any

import pytest
from notify_ihuyi.emulator import DEFAULT_SIGNATURE, TEST_APIKEY

TEXT = "您的验证码是：2546。请不要把验证码泄露给其他人。"
SCRIPTS = "/webservice"


@pytest.fixture
async def desk(open_desk: Any) -> Any:
    products = ("sms", "voice", "vm", "isms", "yx")
    return await open_desk(
        accounts=[
            {"id": name, "api_key": TEST_APIKEY, "product": name} for name in products
        ]
    )


@pytest.mark.parametrize(
    ("account", "path", "asked", "id_field"),
    [
        ("sms", f"{SCRIPTS}/sms.php", {}, "smsid"),
        ("sms", "/sms/Submit.json", {}, "smsid"),
        ("voice", f"{SCRIPTS}/voice.php", {"content": "2546"}, "voiceid"),
        ("vm", f"{SCRIPTS}/voice.php", {"mobile": "010-12345678"}, "voiceid"),
        ("vm", "/vm/Submit.json", {"content": "2546", "templateid": "1"}, "voiceid"),
        ("isms", f"{SCRIPTS}/isms.php", {"mobile": "852 84560000"}, "ismsid"),
        ("isms", "/isms/Submit.json", {"mobile": "1 978234523"}, "ismsid"),
        (
            "yx",
            f"{SCRIPTS}/sms.php",
            {"content": f"上新了 退订回T【{DEFAULT_SIGNATURE}】"},
            "smsid",
        ),
    ],
)
async def test_every_product_accepts_its_own_message(
    desk: Any, account: str, path: str, asked: dict[str, str], id_field: str
) -> None:
    answer = await desk.submit(path, account=account, **asked)

    assert answer["code"] == 2
    assert list(answer) == ["code", "msg", id_field]
    assert desk.emulator.messages[0].id == answer[id_field]


@pytest.mark.parametrize(
    ("account", "path", "asked", "code"),
    [
        ("voice", f"{SCRIPTS}/voice.php", {"content": "254"}, 4072),
        ("voice", f"{SCRIPTS}/voice.php", {"content": "2546789"}, 4072),
        ("vm", f"{SCRIPTS}/voice.php", {"content": "长" * 181}, 4073),
        ("isms", f"{SCRIPTS}/isms.php", {"mobile": "85284560000"}, 406),
        ("isms", f"{SCRIPTS}/isms.php", {"mobile": "13800138000"}, 406),
        ("yx", f"{SCRIPTS}/sms.php", {"content": "上新了"}, 4070),
        ("sms", f"{SCRIPTS}/isms.php", {"mobile": "852 84560000"}, 405),
        ("isms", "/sms/Submit.json", {}, 405),
    ],
)
async def test_every_product_refuses_what_is_not_its_own(
    desk: Any, account: str, path: str, asked: dict[str, str], code: int
) -> None:
    assert (await desk.submit(path, account=account, **asked))["code"] == code


async def test_a_host_name_tells_two_products_of_one_script_apart(desk: Any) -> None:
    url = f"{desk.emulator.url}{SCRIPTS}/voice.php"
    fields = {"method": "Submit", "account": "vm", "password": TEST_APIKEY}
    fields |= {"mobile": "13800138000", "content": TEXT, "format": "json"}

    async def code(host: str) -> int:
        headers = {"Host": host}
        async with desk.session.post(url, data=fields, headers=headers) as response:
            return int((await response.json())["code"])

    assert await code("api.vm.ihuyi.com") == 2
    assert await code("api.voice.ihuyi.com") == 405


async def test_an_empty_voice_text_has_its_own_words(desk: Any) -> None:
    answer = await desk.submit(f"{SCRIPTS}/voice.php", account="voice", content="")

    assert (answer["code"], answer["msg"]) == (404, "语音内容不能为空")


async def test_one_marketing_call_reaches_every_number_and_is_charged_for_each(
    desk: Any,
) -> None:
    mobile = "13800138000,13900139000,13700137000"
    content = f"上新了 退订回T【{DEFAULT_SIGNATURE}】"
    hashed = f"yx{TEST_APIKEY}{mobile}{content}1451544941".encode()
    password = md5(hashed, usedforsecurity=False).hexdigest()
    dynamic = {"account": "yx", "mobile": mobile, "content": content}
    dynamic |= {"password": password, "time": "1451544941"}

    answer = await desk.submit(f"{SCRIPTS}/sms.php", **dynamic)

    assert answer["code"] == 2
    arrivals = desk.emulator.messages
    assert [arrival.to for arrival in arrivals] == mobile.split(",")
    assert {(a.id, a.text) for a in arrivals} == {(answer["smsid"], content)}
    assert (await desk.balance(account="yx"))["num"] == "9997"


async def test_a_number_of_a_marketing_call_must_be_well_formed(desk: Any) -> None:
    content = f"上新了 退订回T【{DEFAULT_SIGNATURE}】"
    mobile = "13800138000,1390013900"

    answer = await desk.submit(account="yx", mobile=mobile, content=content)

    assert answer["code"] == 406


async def test_a_phone_call_costs_one_message_whatever_its_length(
    open_desk: Any, account: Any
) -> None:
    desk = await open_desk(accounts=[account(product="vm")], segment_length=1)

    await desk.submit(f"{SCRIPTS}/voice.php")

    assert [arrival.segments for arrival in desk.emulator.messages] == [1]


async def test_an_international_message_takes_no_limit_of_one_number(
    desk: Any,
) -> None:
    asked = {"account": "isms", "mobile": "852 84560000"}
    path = f"{SCRIPTS}/isms.php"

    codes = [(await desk.submit(path, **asked))["code"] for _ in range(3)]

    assert codes == [2, 2, 2]


async def test_the_newer_host_answers_json_without_being_asked(desk: Any) -> None:
    answer = await desk.submit("/sms/Submit.json", account="sms", format="xml")
    balance = await desk.ask(
        "/sms/GetNum.json", {"account": "sms", "password": TEST_APIKEY}
    )

    assert answer["code"] == 2
    assert balance == {"code": 2, "msg": "查询成功", "num": "9999"}
