"""What one number may get, by the emulator's clock."""

from __future__ import annotations

from typing import Any

import pytest

CODE = "您的验证码是：{}。请不要把验证码泄露给其他人。"
NOTICE = [{"id": "1", "content": "通知【变量】"}]
OFF = dict.fromkeys(
    (
        "per_second",
        "identical_per_minute",
        "per_day",
        "verification_per_day",
        "identical_per_day",
        "blacklist_after",
    )
)


async def test_one_message_a_second(desk: Any) -> None:
    codes = [await desk.code(content=CODE.format(n)) for n in (1, 2)]
    desk.time.now += 1
    codes.append(await desk.code(content=CODE.format(3)))

    assert codes == [2, 4080, 2]


async def test_another_number_has_limits_of_its_own(desk: Any) -> None:
    assert await desk.code() == 2
    assert await desk.code(mobile="13900139000") == 2


async def test_two_identical_messages_a_minute(desk: Any) -> None:
    codes = []
    for wait in (0, 1, 1, 57, 1):
        desk.time.now += wait
        codes.append(await desk.code())

    assert codes == [2, 2, 4086, 4086, 2]


async def test_five_verification_codes_a_day_until_midnight_in_shanghai(
    desk: Any,
) -> None:
    for n in range(5):
        desk.time.now += 1
        assert await desk.code(content=CODE.format(n)) == 2
    desk.time.now = 1451577599  # 23:59:59

    last = await desk.submit()
    desk.time.now += 1
    next_day = await desk.code()

    assert (last["code"], last["msg"]) == (
        4085,
        "同一手机号验证码短信发送超出【5】条",
    )
    assert next_day == 2


async def test_notices_are_not_counted_as_verification_codes(
    open_desk: Any, account: Any
) -> None:
    templates = [
        {"id": "1", "content": "通知【变量】"},
        {"id": "2", "content": "暗号【变量】", "verification": True},
    ]
    desk = await open_desk(
        accounts=[account(templates=templates)],
        limits={"per_second": None, "verification_per_day": 1},
    )

    codes = [await desk.code(content=f"通知{n}") for n in range(3)]
    codes += [await desk.code(content=f"暗号{n}") for n in range(2)]

    assert codes == [2, 2, 2, 2, 4085]


async def test_the_daily_limit_prints_its_own_setting(open_desk: Any) -> None:
    desk = await open_desk(limits={**OFF, "per_day": 3})
    for _ in range(3):
        assert await desk.code() == 2

    answer = await desk.submit()

    assert (answer["code"], answer["msg"]) == (
        4082,
        "超出同一手机号一天之内【3】条短信限制",
    )


async def test_twenty_identical_messages_a_day(open_desk: Any, account: Any) -> None:
    desk = await open_desk(accounts=[account(templates=NOTICE)])

    codes = []
    for _ in range(21):
        desk.time.now += 61
        codes.append(await desk.code(content="通知一"))

    assert codes == [2] * 20 + [4084]


async def test_too_many_messages_put_the_number_on_the_blacklist(
    open_desk: Any, account: Any
) -> None:
    desk = await open_desk(
        accounts=[account(templates=NOTICE)],
        limits={"per_second": None, "blacklist_after": 3},
    )

    answers = [await desk.submit(content=f"通知{n}") for n in range(5)]

    assert [answer["code"] for answer in answers] == [2, 2, 2, 408, 4030]
    assert answers[3]["msg"] == "发送超限（[3]条），已加入黑名单，可登入平台解除"
    desk.time.now += 24 * 3600
    assert await desk.code(content="通知九") == 4030


async def test_every_limit_can_be_switched_off(open_desk: Any) -> None:
    desk = await open_desk(limits=OFF)

    assert {await desk.code() for _ in range(30)} == {2}


async def test_a_refused_message_is_not_counted(desk: Any) -> None:
    for _ in range(6):
        desk.time.now += 1
        assert await desk.code(content="没有备案") == 4072

    assert await desk.code() == 2


async def test_the_numbers_remembered_are_bounded(open_desk: Any) -> None:
    desk = await open_desk(keep=2)
    for mobile in ("13800138001", "13800138002", "13800138003"):
        assert await desk.code(mobile=mobile) == 2

    codes = [await desk.code(mobile=f"1380013800{n}") for n in (3, 2, 1)]

    assert codes == [4080, 4080, 2]


async def test_a_hundred_texts_of_a_number_are_remembered(open_desk: Any) -> None:
    desk = await open_desk(limits={**OFF, "identical_per_day": 1})
    for n in range(101):
        assert await desk.code(content=CODE.format(n)) == 2

    codes = [await desk.code(content=CODE.format(n)) for n in (0, 99, 100)]

    assert codes == [4084, 4084, 2]


async def test_the_blacklist_is_bounded_but_keeps_what_was_configured(
    open_desk: Any, account: Any
) -> None:
    desk = await open_desk(
        keep=2,
        accounts=[account(blacklist=["13700137000"])],
        limits={**OFF, "blacklist_after": 1},
    )
    for n in range(1, 4):
        codes = [await desk.code(mobile=f"1380013800{n}") for _ in range(3)]
        assert codes == [2, 408, 4030]

    assert await desk.code(mobile="13800138001") == 2
    assert await desk.code(mobile="13700137000") == 4030


@pytest.mark.parametrize("name", sorted(OFF))
async def test_a_limit_below_one_is_refused(open_desk: Any, name: str) -> None:
    with pytest.raises(ValueError, match=f"'{name}' must be >= 1"):
        await open_desk(limits={name: 0})
