"""Magic numbers always have their outcome, and faults have vendor codes."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import pytest
from notify_ihuyi.emulator.codes import PRINTED_LIMITS, SUBMIT_TEXTS

PAGE = Path(__file__).parents[4] / "docs" / "providers" / "ihuyi-emulator.md"


@pytest.mark.parametrize("code", sorted(SUBMIT_TEXTS))
async def test_a_number_gives_each_code_with_the_vendors_words(
    desk: Any, code: int
) -> None:
    answer = await desk.submit(mobile=f"19900{code:06d}")

    limit = PRINTED_LIMITS.get(code)
    assert answer["code"] == code
    assert answer["msg"] == SUBMIT_TEXTS[code].format(limit=limit)


async def test_a_number_gives_a_code_that_no_table_knows(desk: Any) -> None:
    answer = await desk.submit(mobile="19900009999")

    assert answer == {"code": 9999, "msg": "未知错误", "smsid": "0"}


async def test_a_magic_number_has_no_limits(desk: Any) -> None:
    codes = [await desk.code(mobile="19900000002") for _ in range(30)]

    assert set(codes) == {2}


async def test_an_accepting_magic_number_still_wants_a_right_request(
    desk: Any,
) -> None:
    wrong = {"mobile": "19900000002", "password": "wrong"}

    assert await desk.code(**wrong) == 405


async def test_a_number_stalls_the_answer(open_desk: Any) -> None:
    desk = await open_desk(stall=0.1)
    before = time.monotonic()

    code = await desk.code(mobile="19901000001")

    assert code == 2
    assert time.monotonic() - before >= 0.09


@pytest.mark.parametrize(
    ("mobile", "accepted", "receipt"),
    [
        ("19901000002", 0, None),
        ("19901000003", 1, None),
        ("19901000004", 1, "2"),
    ],
)
async def test_numbers_drop_the_answer_before_and_after_acceptance(
    open_desk: Any, receiver: Any, mobile: str, accepted: int, receipt: str | None
) -> None:
    desk = await open_desk(push_url=receiver.url)

    with pytest.raises(aiohttp.ClientConnectionError):
        await desk.submit(mobile=mobile)
    await desk.emulator.pushed()

    assert desk.emulator.accepted == accepted
    assert (await desk.balance())["num"] == str(10_000 - accepted)
    codes = [parse_qs(body)["code"][0] for body in receiver.bodies]
    assert codes == ([receipt] if receipt else [])


@pytest.mark.parametrize(
    ("mobile", "codes"), [("19901000005", ["0"]), ("19901000006", [])]
)
async def test_numbers_have_a_failed_receipt_or_none(
    open_desk: Any, receiver: Any, mobile: str, codes: list[str]
) -> None:
    desk = await open_desk(push_url=receiver.url)

    assert await desk.code(mobile=mobile) == 2
    await desk.emulator.pushed()

    assert [parse_qs(body)["code"][0] for body in receiver.bodies] == codes


@pytest.mark.parametrize(
    ("mobile", "status", "body", "accepted"),
    [
        ("19901000007", 200, "\ufeff<<}{ not an answer", 1),
        ("19901000008", 200, "", 1),
        ("19901000009", 502, "502 Bad Gateway", 0),
    ],
)
async def test_numbers_have_answers_that_are_none(
    desk: Any, mobile: str, status: int, body: str, accepted: int
) -> None:
    fields = {"account": "test", "password": "1q784322ba1d9bb88d50cf5cdfd89k7d"}
    fields |= {"mobile": mobile, "content": "1234", "templateid": "1"}

    url = f"{desk.emulator.url}/webservice/sms.php?method=Submit"
    async with desk.session.post(url, data=fields) as response:
        assert response.status == status
        assert body in (await response.read()).decode()

    assert desk.emulator.accepted == accepted


async def test_an_ordinary_number_of_the_same_block_is_ordinary(desk: Any) -> None:
    assert await desk.code(mobile="19901000010") == 2
    assert await desk.code(mobile="19901000010") == 4080


async def test_numbers_with_a_country_code_count_by_their_last_eleven_digits(
    open_desk: Any, account: Any
) -> None:
    desk = await open_desk(accounts=[account(product="isms")])

    answer = await desk.submit("/isms/Submit.json", mobile="86 19900004051")

    assert answer["code"] == 4051


async def test_a_scripted_code_needs_no_right_request_even_to_accept(
    desk: Any,
) -> None:
    desk.emulator.fault(do={"code": "2"})

    answer = await desk.submit(account="nobody", content="anything")

    assert answer["code"] == 2
    assert desk.emulator.messages[0].text == "anything"


async def test_a_scripted_code_must_be_one_of_the_vendors_form(desk: Any) -> None:
    with pytest.raises(ValueError, match="this vendor's codes look like"):
        desk.emulator.fault(do={"code": "busy"})


def test_every_magic_number_is_documented() -> None:
    page = PAGE.read_text("utf-8")

    for last in range(1, 10):
        assert f"`1990100000{last}`" in page
