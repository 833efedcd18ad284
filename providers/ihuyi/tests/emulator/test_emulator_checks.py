"""Every code of Submit can be had by what the vendor's rules forbid, in its order."""

from __future__ import annotations

from hashlib import md5
from typing import Any

import pytest
from notify_ihuyi.emulator import TEST_APIKEY

CODE = "您的验证码是：{}。请不要把验证码泄露给其他人。"
TEXT = CODE.format("2546")

ORDER = "您的订单【变量】于【变量】由【变量】签收，金额【变量】。"


@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        ({}, 2, "提交成功"),
        ({"account": ""}, 401, "帐号不能为空"),
        ({"password": ""}, 402, "密码不能为空"),
        ({"mobile": ""}, 403, "手机号码不能为空"),
        ({"content": ""}, 404, "短信内容不能为空"),
        ({"account": "nobody"}, 405, "API ID 或 API KEY 不正确"),
        ({"password": "wrong"}, 405, "API ID 或 API KEY 不正确"),
        ({"mobile": "1380013800"}, 406, "手机号码格式不正确"),
        ({"mobile": "12800138000"}, 406, "手机号码格式不正确"),
        ({"mobile": "+8613800138000"}, 406, "手机号码格式不正确"),
        ({"content": TEXT + "😀"}, 4074, "短信内容包含 emoji 符号"),
        ({"content": "⭐" + TEXT}, 4074, "短信内容包含 emoji 符号"),
        ({"content": "长" * 501}, 4073, "短信内容超出长度限制"),
        ({"content": f"【互亿无线】{TEXT}"}, 4070, "签名格式不正确"),
        ({"content": f"{TEXT}【互亿无线】"}, 4070, "签名格式不正确"),
        ({"templateid": "9"}, 4071, "没有提交备案模板"),
        ({"content": TEXT + " "}, 4072, "提交的短信内容与审核通过的模板内容不匹配"),
        (
            {"content": TEXT.replace("：", ":")},
            4072,
            "提交的短信内容与审核通过的模板内容不匹配",
        ),
        (
            {"content": "1|2", "templateid": "1"},
            4072,
            "提交的短信内容与审核通过的模板内容不匹配",
        ),
        (
            {"content": CODE.format("123456789")},
            40722,
            "变量内容超过指定的长度【8】",
        ),
        (
            {"content": "123456789", "templateid": "1"},
            40722,
            "变量内容超过指定的长度【8】",
        ),
    ],
)
async def test_what_the_rules_forbid_has_its_code_and_words(
    desk: Any, asked: dict[str, str], code: int, words: str
) -> None:
    answer = await desk.submit(**asked)

    assert (answer["code"], answer["msg"]) == (code, words)
    assert (answer["smsid"] == "0") == (code != 2)
    assert len(desk.emulator.messages) == (code == 2)


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"frozen": True}, 4050),
        ({"balance": 0}, 4051),
        ({"ips": ["10.0.0.0/8"]}, 4052),
        ({"ips": ["10.0.0.0/8", "127.0.0.1"]}, 2),
        ({"blacklist": ["13800138000"]}, 4030),
        ({"signature": ""}, 4070),
        ({"templates": []}, 4071),
        ({"templates": [{"id": "1", "content": "等", "approved": False}]}, 4071),
        ({"signature_approved": False}, 4075),
    ],
)
async def test_what_the_account_forbids_has_its_code(
    open_desk: Any, account: Any, settings: dict[str, Any], code: int
) -> None:
    desk = await open_desk(accounts=[account(**settings)])

    assert await desk.code() == code


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"blocked_ips": ["127.0.0.0/8"]}, 400),
        ({"sensitive_words": ["验证码"]}, 407),
        ({"max_length": 10}, 4073),
    ],
)
async def test_what_the_platform_forbids_has_its_code(
    open_desk: Any, settings: dict[str, Any], code: int
) -> None:
    desk = await open_desk(**settings)

    assert await desk.code() == code


async def test_the_checks_keep_the_vendors_order(open_desk: Any, account: Any) -> None:
    """Each step repairs the fault that was reported; the next code must come up."""
    desk = await open_desk(
        sensitive_words=["赌"],
        max_length=60,
        limits={"verification_per_day": 1},
        accounts=[account(blacklist=["13900139000"], balance=1)],
    )
    asked = dict.fromkeys(("account", "password", "mobile", "content"), "")
    repairs: list[tuple[int, dict[str, str]]] = [
        (401, {"account": "test"}),
        (402, {"password": "wrong"}),
        (403, {"mobile": "139"}),
        (404, {"content": "😀赌" + "长" * 60 + "【互亿无线】"}),
        (405, {"password": TEST_APIKEY}),
        (406, {"mobile": "13900139000"}),
        (4030, {"mobile": "13800138000"}),
        (4074, {"content": "赌" + "长" * 60 + "【互亿无线】"}),
        (407, {"content": "长" * 60 + "【互亿无线】"}),
        (4073, {"content": "长【互亿无线】"}),
        (4070, {"content": "长", "templateid": "9"}),
        (4071, {"content": "长", "templateid": ""}),
        (4072, {"content": CODE.format("123456789")}),
        (40722, {"content": TEXT}),
        (2, {}),
        (4080, {}),
    ]

    for expected, repair in repairs:
        assert await desk.code(**asked) == expected
        asked |= repair
    desk.time.now += 1
    assert await desk.code(**asked) == 4085
    assert await desk.code(**asked | {"mobile": "13700137000"}) == 4051


@pytest.mark.parametrize("form", ["clear", "md5", "MD5"])
async def test_the_apikey_and_its_md5_are_taken_everywhere(
    desk: Any, form: str
) -> None:
    digest = md5(TEST_APIKEY.encode(), usedforsecurity=False).hexdigest()
    password = {"clear": TEST_APIKEY, "md5": digest, "MD5": digest.upper()}[form]

    assert await desk.code(password=password) == 2
    assert (await desk.balance(password=password))["code"] == 2
    assert (await desk.add_template("通知", password=password))["code"] == 2


async def test_the_dynamic_password_of_get_num_hashes_no_message(desk: Any) -> None:
    assert (await desk.balance(**desk.dynamic()))["code"] == 2
    assert (await desk.balance(**desk.dynamic("13800138000")))["code"] == 40502


async def test_add_template_takes_no_dynamic_password(desk: Any) -> None:
    assert (await desk.add_template("通知", **desk.dynamic()))["code"] == 405


@pytest.mark.parametrize(
    ("late", "code"), [(-61, 40501), (-60, 2), (0, 2), (60, 2), (61, 40501)]
)
async def test_a_dynamic_password_is_good_within_its_window(
    desk: Any, late: int, code: int
) -> None:
    dynamic = desk.dynamic("13800138000", TEXT)
    desk.time.now += late

    assert await desk.code(**dynamic) == code


async def test_the_password_window_is_a_setting(open_desk: Any) -> None:
    desk = await open_desk(password_window=600)
    dynamic = desk.dynamic("13800138000", TEXT)
    desk.time.now += 600

    assert await desk.code(**dynamic) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"content": CODE.format("2547")},
        {"mobile": "13900139000"},
        {"time": "1451544940"},
        {"time": "1451544941000"},
        {"time": "now"},
    ],
)
async def test_a_dynamic_password_for_something_else_is_refused(
    desk: Any, wrong: dict[str, str]
) -> None:
    assert await desk.code(**desk.dynamic("13800138000", TEXT) | wrong) == 40502


async def test_a_dynamic_password_without_its_time_is_a_wrong_password(
    desk: Any,
) -> None:
    dynamic = desk.dynamic("13800138000", TEXT)

    assert await desk.code(password=dynamic["password"]) == 405


async def test_template_values_are_joined_by_a_bar(
    open_desk: Any, account: Any
) -> None:
    templates = [{"id": "7", "content": ORDER}]
    desk = await open_desk(accounts=[account(templates=templates)])
    values = "20180515006|张三|136xxxxxxxx|100元"

    assert await desk.code(templateid="7", content=values) == 2

    [arrival] = desk.emulator.messages
    assert arrival.text == (
        "【互亿无线】您的订单20180515006于张三由136xxxxxxxx签收，金额100元。"
    )
    assert arrival.template == "7"
    assert await desk.code(templateid="7", content="1||3|4") == 4072


async def test_any_approved_template_may_match_a_whole_text(
    open_desk: Any, account: Any
) -> None:
    templates = [
        {"id": "1", "content": "验证码【变量】", "max_variable_length": 4},
        {"id": "2", "content": "验证码【变量】", "max_variable_length": 6},
        {"id": "3", "content": "没有变量"},
    ]
    desk = await open_desk(
        accounts=[account(templates=templates)], limits={"per_second": None}
    )

    assert await desk.code(content="验证码123456") == 2
    assert await desk.code(content="没有变量") == 2
    assert (await desk.submit(content="验证码1234567"))["msg"].endswith("【6】")
    assert [arrival.template for arrival in desk.emulator.messages] == ["2", "3"]


async def test_the_signature_may_stand_at_the_end(open_desk: Any) -> None:
    desk = await open_desk(signature_place="end")

    await desk.submit()

    assert desk.emulator.messages[0].text == f"{TEXT}【互亿无线】"


@pytest.mark.parametrize(
    ("length", "charged"), [(64, 1), (65, 2), (128, 2), (129, 3), (195, 3), (196, 4)]
)
async def test_messages_are_charged_by_segment_with_the_signature(
    open_desk: Any, account: Any, length: int, charged: int
) -> None:
    """【互亿无线】 counts 6: 70 characters are one message, then 67 a part."""
    templates = [{"id": "1", "content": "长【变量】", "max_variable_length": 500}]
    desk = await open_desk(accounts=[account(balance=4, templates=templates)])

    await desk.submit(content="长" * length)

    assert (await desk.balance())["num"] == str(4 - charged)
    assert desk.emulator.messages[0].segments == charged


async def test_the_lengths_of_segments_are_settings(open_desk: Any) -> None:
    desk = await open_desk(segment_length=10, part_length=9)

    await desk.submit()

    assert desk.emulator.messages[0].segments == 4


async def test_a_balance_that_covers_only_a_part_is_not_touched(
    open_desk: Any, account: Any
) -> None:
    templates = [{"id": "1", "content": "长【变量】", "max_variable_length": 500}]
    desk = await open_desk(accounts=[account(balance=1, templates=templates)])

    assert await desk.code(content="长" * 100) == 4051
    assert (await desk.balance())["num"] == "1"
