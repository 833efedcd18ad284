"""Settings come as plain data or from a file; what is wrong is named with its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import pytest
from notify_ihuyi.emulator import (
    TEST_APIKEY,
    AccountSettings,
    Limits,
    Settings,
    Template,
    create_emulator,
    load_settings,
)

PAGE = Path(__file__).parents[4] / "docs" / "providers" / "ihuyi-emulator.md"
ACCOUNT = {"id": "C1", "api_key": "k"}


async def test_without_options_the_vendors_test_account_is_there() -> None:
    async with create_emulator({}) as emulator:
        account = emulator.accounts["test"]

    assert account.settings.api_key == TEST_APIKEY
    assert account.settings.signature == "互亿无线"
    assert [t.content for t in account.approved()] == [
        "您的验证码是：【变量】。请不要把验证码泄露给其他人。"
    ]


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"max_lenght": 3}, "unknown key max_lenght (known: accounts, push_url,"),
        ({"max_length": "3"}, "expected a whole number, got text"),
        ({"max_length": 0}, "'max_length' must be >= 1"),
        ({"accounts": []}, "give at least one, each with its own id"),
        ({"accounts": [ACCOUNT, ACCOUNT]}, "each with its own id"),
        ({"accounts": [{"id": "C1"}]}, "missing key api_key"),
        ({"accounts": [{**ACCOUNT, "product": "fax"}]}, "sms, voice, vm, isms, yx"),
        ({"accounts": [{**ACCOUNT, "ips": ["home"]}]}, "'home' does not appear"),
        (
            {"accounts": [{**ACCOUNT, "templates": [{"id": "1", "content": "【a】"}]}]},
            "【变量】",
        ),
        (
            {"accounts": [{**ACCOUNT, "templates": [{"id": "1", "content": ""}]}]},
            "empty",
        ),
        ({"push_url": "ftp://x"}, "push_url: expected an http:// or https:// URL"),
        ({"push_delays": []}, "push_delays"),
        ({"push_delays": [-1]}, "must be >= 0"),
        ({"audit": "later"}, "expected one of approve, refuse, none"),
        ({"limits": {"per_hour": 1}}, "unknown key per_hour"),
    ],
)
def test_options_that_do_not_fit_are_refused_with_their_place(
    options: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (compared below)
        create_emulator(options)

    assert complaint in str(caught.value)
    assert "@ settings" in str(caught.value)


def test_an_error_does_not_show_a_secret() -> None:
    options = {"accounts": [{"id": "C1", "api_key": ["hush-hush"]}]}

    with pytest.raises(ValueError) as caught:  # noqa: PT011 (compared below)
        create_emulator(options)

    assert "hush" not in str(caught.value)


def test_settings_do_not_show_their_secrets_in_repr() -> None:
    settings = Settings(
        accounts=(AccountSettings(id="C1", api_key="hush"),),
        push_url="https://example.com/hush",
    )

    assert "hush" not in repr(settings)


@pytest.mark.parametrize("suffix", ["yaml", "json"])
async def test_settings_are_read_from_a_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"emulator.{suffix}"
    text = {
        "yaml": "accounts:\n  - {id: C1, api_key: 钥匙, balance: 3}\n",
        "json": json.dumps({"accounts": [{**ACCOUNT, "balance": 3}]}),
    }[suffix]
    path.write_text(text, "utf-8")

    emulator = create_emulator(load_settings(path))

    assert emulator.accounts["C1"].balance == 3


def test_an_empty_file_is_no_settings(tmp_path: Path) -> None:
    path = tmp_path / "emulator.yaml"
    path.write_text("# nothing yet\n")

    assert load_settings(path) == {}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (b"- 1", "must hold a mapping"),
        (b"\xff", "cannot be read"),
        (b"a: 1\napi_key: 'hush", "see line 2, column"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_but_not_what(
    tmp_path: Path, text: bytes, complaint: str
) -> None:
    path = tmp_path / "emulator.yaml"
    path.write_bytes(text)

    with pytest.raises(ValueError) as caught:  # noqa: PT011 (compared below)
        load_settings(path)

    assert complaint in str(caught.value)
    assert str(path) in str(caught.value)
    assert "hush" not in str(caught.value)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        load_settings(tmp_path / "absent.yaml")


async def test_num_may_be_a_number(open_desk: Any) -> None:
    desk = await open_desk(num_as_number=True)

    assert (await desk.balance())["num"] == 10_000


async def test_reset_restores_what_the_settings_say(open_desk: Any) -> None:
    desk = await open_desk(limits={"blacklist_after": 1, "per_second": None})
    first = [await desk.code() for _ in range(3)]

    await desk.emulator.reset()

    assert first == [2, 408, 4030]
    assert (await desk.balance())["num"] == "10000"
    assert await desk.code() == 2


@pytest.mark.parametrize("kind", [Settings, AccountSettings, Limits, Template])
def test_every_setting_is_documented(kind: type) -> None:
    page = PAGE.read_text("utf-8")

    missing = [
        a.name for a in attrs.fields(kind) if a.init and f"`{a.name}`" not in page
    ]

    assert missing == []
