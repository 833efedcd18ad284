"""The emulator reads requests as liberally as the real service does."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import pytest
from notify_ihuyi.emulator import TEST_APIKEY

TEXT = "您的验证码是：2546。请不要把验证码泄露给其他人。"
FIELDS = {
    "account": "test",
    "password": TEST_APIKEY,
    "mobile": "13800138000",
    "content": TEXT,
}
FORM = "application/x-www-form-urlencoded"
PATH = "/webservice/sms.php"


async def talk(url: str, head: str, body: bytes = b"") -> tuple[str, str]:
    """Write a request by hand and return head and body of the answer."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    lines = [*head.split("\n"), f"Content-Length: {len(body)}", "Connection: close"]
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
    answer_head, _, answer = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    return answer_head.decode(), answer.decode()


def post(
    content_type: str, query: str = "?method=Submit", host: str = "106.ihuyi.com"
) -> str:
    return f"POST {PATH}{query} HTTP/1.1\nHost: {host}\nContent-Type: {content_type}"


@pytest.mark.parametrize(
    "content_type",
    [FORM, f"{FORM}; charset=utf-8", f"{FORM}; param=value", FORM.upper()],
)
async def test_a_form_is_read_whatever_follows_its_type(
    desk: Any, content_type: str
) -> None:
    body = urlencode(FIELDS).encode()

    _, answer = await talk(desk.emulator.url, post(content_type), body)

    assert "<code>2</code>" in answer


async def test_a_body_may_be_raw_utf_8(desk: Any) -> None:
    body = "&".join(f"{name}={value}" for name, value in FIELDS.items()).encode()

    _, answer = await talk(desk.emulator.url, post(FORM), body)

    assert "<code>2</code>" in answer
    assert desk.emulator.messages[0].text.endswith(TEXT)


async def test_everything_may_stand_in_the_query(desk: Any) -> None:
    query = urlencode({"method": "Submit", "format": "json", **FIELDS})
    head = f"GET {PATH}?{query} HTTP/1.1\nHost: 106.ihuyi.com"

    _, answer = await talk(desk.emulator.url, head)

    assert answer.startswith('{"code":2,')


async def test_a_query_must_be_percent_encoded_and_is_not_logged(
    desk: Any, caplog: pytest.LogCaptureFixture
) -> None:
    query = "&".join(f"{name}={value}" for name, value in FIELDS.items())
    head = f"GET {PATH}?method=Submit&{query} HTTP/1.1\nHost: 106.ihuyi.com"

    answer, _ = await talk(desk.emulator.url, head)

    assert " 400 " in answer.splitlines()[0]
    assert caplog.text == ""


async def test_everything_may_stand_in_the_body(desk: Any) -> None:
    body = urlencode({"method": "Submit", "format": "JSON", **FIELDS}).encode()

    _, answer = await talk(desk.emulator.url, post(FORM, query=""), body)

    assert answer.startswith('{"code":2,')


async def test_the_body_wins_over_the_query_and_the_last_over_the_first(
    desk: Any,
) -> None:
    query = "?method=Submit&mobile=13900139000"
    body = f"mobile=1&{urlencode(FIELDS)}".encode()

    await talk(desk.emulator.url, post(FORM, query), body)

    assert [arrival.to for arrival in desk.emulator.messages] == ["13800138000"]


async def test_a_multipart_body_is_read(desk: Any) -> None:
    form = aiohttp.FormData(default_to_multipart=True)
    for name, value in {**FIELDS, "format": "json"}.items():
        form.add_field(name, value)
    form.add_field("file", b"ignored", filename="a.txt")

    url = f"{desk.emulator.url}{PATH}?method=Submit"
    async with desk.session.post(url, data=form) as response:
        assert (await response.json())["code"] == 2


async def test_a_multipart_body_without_boundary_is_not_read(desk: Any) -> None:
    body = urlencode(FIELDS).encode()

    _, answer = await talk(desk.emulator.url, post("multipart/form-data"), body)

    assert "<code>401</code>" in answer


@pytest.mark.parametrize(
    "content_type",
    ["application/x-www-form-urlencode", "text/plain", "application/json", ""],
)
async def test_a_misspelt_content_type_means_that_no_body_was_read(
    desk: Any, content_type: str
) -> None:
    body = urlencode({**FIELDS, "format": "json"}).encode()

    head, answer = await talk(desk.emulator.url, post(content_type), body)

    assert head.startswith("HTTP/1.1 200")
    assert "<code>401</code>" in answer


async def test_parameters_that_mean_nothing_are_ignored(desk: Any) -> None:
    assert await desk.code(rd="1", sign="2", pid="3", stime="4") == 2


async def test_a_client_with_a_fixed_url_can_use_the_emulator_as_its_proxy(
    desk: Any,
) -> None:
    target = f"http://106.ihuyi.cn{PATH}?method=Submit"
    head = f"POST {target} HTTP/1.1\nHost: elsewhere\nContent-Type: {FORM}"

    _, answer = await talk(desk.emulator.url, head, urlencode(FIELDS).encode())

    assert "<code>2</code>" in answer
    assert 'xmlns="http://106.ihuyi.cn/"' in answer


@pytest.mark.parametrize("host", ["106.ihuyi.com", "106.ihuyi.cn", "127.0.0.1:1"])
async def test_the_host_is_echoed_in_the_namespace(desk: Any, host: str) -> None:
    body = urlencode(FIELDS).encode()

    _, answer = await talk(desk.emulator.url, post(FORM, host=host), body)

    assert f'<SubmitResult xmlns="http://{host}/">' in answer


async def test_markup_in_the_host_cannot_break_the_answer(desk: Any) -> None:
    _, answer = await talk(desk.emulator.url, post(FORM, host='a"><b'))

    assert "<b" not in answer


async def test_bytes_that_are_no_utf_8_do_not_match_any_template(desk: Any) -> None:
    fields = "&".join(
        f"{name}={quote(value.encode('gbk'))}" for name, value in FIELDS.items()
    )

    _, answer = await talk(desk.emulator.url, post(FORM), fields.encode())

    assert "<code>4072</code>" in answer


async def test_an_unknown_operation_is_told_what_there_is(desk: Any) -> None:
    url = f"{desk.emulator.url}{PATH}?method=Delete"
    async with desk.session.post(url) as response:
        assert response.status == 404
        assert "Submit, GetNum, AddTemplate" in await response.text()


async def test_the_connection_is_closed_unread_when_scripted(desk: Any) -> None:
    desk.emulator.fault(match={"next": 1}, do={"close": "before"})

    balance = await desk.balance()
    with pytest.raises(aiohttp.ClientConnectionError):
        async with desk.session.post(
            f"{desk.emulator.url}{PATH}?method=Submit", data=FIELDS
        ):
            pass

    assert balance["code"] == 2
    assert [s.fault for s in desk.emulator.submissions] == ["close before"]
