"""The emulator: what it takes, what it refuses, what it pushes."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
import attrs
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from notify_twilio.emulator import (
    TEST_ACCOUNT,
    TEST_SENDER,
    TEST_SERVICE,
    TEST_TOKEN,
    AccountSettings,
    Settings,
    TwilioEmulator,
    create_emulator,
)

from notify_core.plugins import Plugins
from notify_core.testing.emulator import PushState, structure

FIXTURES = Path(__file__).parent / "fixtures"
PAGE = Path(__file__).parents[3] / "docs" / "providers" / "twilio-emulator.md"
#: Thu, 30 Jul 2015 20:12:31 +0000
QUOTED_TIME = 1438287151
TO = "+14155552345"
MINE = {"sid": TEST_ACCOUNT, "auth_token": TEST_TOKEN}
OTHER = {"sid": "AC" + "b" * 32, "auth_token": "other"}
KEY = ("SK" + "c" * 32, "key-secret")
Opener = Callable[..., Awaitable["Desk"]]


@attrs.define
class FakeTime:
    """A clock that stands still, and a sleep that moves it."""

    now: float = QUOTED_TIME

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


@attrs.define
class Desk:
    """One emulator, and a client that writes Twilio's requests by hand."""

    emulator: TwilioEmulator
    session: aiohttp.ClientSession

    async def call(
        self,
        path: str = "Messages.json",
        *,
        method: str = "POST",
        account: str = TEST_ACCOUNT,
        auth: str = f"{TEST_ACCOUNT}:{TEST_TOKEN}",
        **request: Any,
    ) -> tuple[aiohttp.ClientResponse, dict[str, Any]]:
        url = f"{self.emulator.url}/2010-04-01/Accounts/{account}/{path}"
        headers = {"Authorization": f"Basic {b64encode(auth.encode()).decode()}"}
        headers |= request.pop("headers", {})
        async with self.session.request(
            method, url, headers=headers, **request
        ) as response:
            assert response.content_type == "application/json"
            return response, await response.json()

    async def submit(self, **fields: str) -> tuple[int, dict[str, Any]]:
        usual = {"To": TO, "From": TEST_SENDER, "Body": "Hello! 👍"}
        form = {name: value for name, value in (usual | fields).items() if value}
        response, answer = await self.call(data=form)
        return response.status, answer

    async def code(self, **fields: str) -> int | None:
        _, answer = await self.submit(**fields)
        return answer.get("code")


@attrs.define
class Receiver:
    """The customer's server: it notes the pushes and acknowledges them."""

    url: str = ""
    status: int = 200
    forms: list[dict[str, str]] = attrs.Factory(list)
    signatures: list[str] = attrs.Factory(list)
    targets: list[str] = attrs.Factory(list)

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.text()
        self.forms.append(dict(parse_qsl(body, keep_blank_values=True)))
        self.signatures.append(request.headers["X-Twilio-Signature"])
        self.targets.append(request.path_qs)
        return web.Response(status=self.status)


@pytest.fixture
async def open_desk() -> AsyncIterator[Opener]:
    """Start an emulator with the given settings."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())

        async def open_one(**settings: Any) -> Desk:
            time = FakeTime()
            made = structure(settings, Settings, "settings")
            emulator = TwilioEmulator(made, clock=time.clock, sleep=time.sleep)
            await stack.enter_async_context(emulator)
            return Desk(emulator, session)

        yield open_one


@pytest.fixture
async def desk(open_desk: Opener) -> Desk:
    """Start an emulator with the default settings."""
    return await open_desk()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Start the customer's side of the pushes."""
    receiver = Receiver()
    app = web.Application()
    app.add_routes([web.post("/push", receiver.handle)])
    async with TestServer(app) as server:
        receiver.url = str(server.make_url("/push"))
        yield receiver


# What it takes.


async def test_a_message_is_created_as_twilio_quotes_it(desk: Desk) -> None:
    expected = json.loads((FIXTURES / "emulator" / "created.json").read_text("utf-8"))
    sid = expected["sid"]

    status, answer = await desk.submit()

    assert status == 201
    assert json.loads(json.dumps(answer).replace(answer["sid"], sid)) == expected
    [arrival] = desk.emulator.messages
    assert (arrival.to, arrival.text, arrival.sender) == (TO, "Hello! 👍", TEST_SENDER)


async def test_with_a_messaging_service_the_sender_is_not_known_yet(desk: Desk) -> None:
    status, answer = await desk.submit(From="", MessagingServiceSid=TEST_SERVICE)

    assert (status, answer["status"]) == (201, "accepted")
    assert (answer["from"], answer["num_segments"]) == (None, "0")
    assert answer["messaging_service_sid"] == TEST_SERVICE


async def test_parameters_that_nobody_knows_are_ignored(desk: Desk) -> None:
    assert await desk.code(Bodyy="x") is None


async def test_a_message_costs_what_its_segments_cost(open_desk: Opener) -> None:
    desk = await open_desk(price="0.01")

    await desk.submit(Body="x" * 161)
    response, answer = await desk.call("Balance.json", method="GET")

    assert response.status == 200
    assert set(answer) == set(json.loads((FIXTURES / "balance.json").read_text()))
    assert (answer["balance"], answer["currency"]) == ("99.98", "USD")


async def test_an_api_key_opens_its_account_and_no_other(open_desk: Opener) -> None:
    desk = await open_desk(accounts=[{**MINE, "api_keys": dict([KEY])}, OTHER])
    statuses = []

    for account in (TEST_ACCOUNT, OTHER["sid"]):
        response, _ = await desk.call(
            "Balance.json", method="GET", account=account, auth=":".join(KEY)
        )
        statuses.append(response.status)

    assert statuses == [200, 401]


# What it refuses.


@pytest.mark.parametrize(
    ("auth", "account"),
    [
        (f"{TEST_ACCOUNT}:wrong", TEST_ACCOUNT),
        (f"{TEST_ACCOUNT}:", TEST_ACCOUNT),
        (f"{KEY[0]}:", TEST_ACCOUNT),
        (":", TEST_ACCOUNT),
        (f"{TEST_ACCOUNT}:{TEST_TOKEN}", OTHER["sid"]),
    ],
)
async def test_wrong_credentials_get_401(desk: Desk, auth: str, account: str) -> None:
    response, answer = await desk.call(account=account, auth=auth, data={"To": TO})

    assert response.status == 401
    assert answer == {
        "code": 20003,
        "message": "Authenticate",
        "more_info": "https://www.twilio.com/docs/errors/20003",
        "status": 401,
    }


@pytest.mark.parametrize("header", ["", "Bearer x", "Basic !", "Basic /w=="])
async def test_no_credentials_get_401(desk: Desk, header: str) -> None:
    response, _ = await desk.call(headers={"Authorization": header})

    assert response.status == 401


async def test_a_suspended_account_gets_401(open_desk: Opener) -> None:
    desk = await open_desk(accounts=[{**MINE, "suspended": True}])

    assert await desk.code() == 20003


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"To": ""}, 21604),
        ({"From": ""}, 21603),
        ({"Body": ""}, 21602),
        ({"Body": "", "MessagingServiceSid": TEST_SERVICE}, 21619),
        ({"From": "+15017122661"}, 21606),
        ({"MessagingServiceSid": "MG" + "0" * 32}, 21701),
        ({"To": "4155552345"}, 21211),
        ({"To": TEST_SENDER}, 21266),
        ({"Body": "x" * 1601}, 21617),
        ({"StatusCallback": "n.example"}, 21609),
        ({"StatusCallback": "https://my_host.example/x"}, 21609),
        ({"StatusCallback": "https://[broken"}, 21609),
        ({"ValidityPeriod": "0"}, 21624),
        ({"ValidityPeriod": "36001"}, 21624),
        ({"ValidityPeriod": "soon"}, 21624),
    ],
)
async def test_what_twilio_refuses_is_refused(
    desk: Desk, fields: dict[str, str], code: int
) -> None:
    status, answer = await desk.submit(**fields)

    assert (status, answer["status"], answer["code"]) == (400, 400, code)
    assert answer["more_info"].endswith(f"/{code}")
    assert desk.emulator.messages == []


@pytest.mark.parametrize(
    ("field", "number", "code"),
    [
        ("To", "+15005550001", 21211),
        ("To", "+15005550002", 21612),
        ("To", "+15005550003", 21408),
        ("To", "+15005550004", 21610),
        ("To", "+15005550009", 21614),
        ("From", "+15005550001", 21212),
        ("From", "+15005550007", 21606),
        ("From", "+15005550008", 21611),
    ],
)
async def test_twilios_magic_numbers_have_their_codes(
    desk: Desk, field: str, number: str, code: int
) -> None:
    assert await desk.code(**{field: number}) == code


async def test_regions_that_are_off_and_opted_out_numbers_get_nothing(
    open_desk: Opener,
) -> None:
    account = {**MINE, "regions_off": ["+44"], "opted_out": [TO]}
    desk = await open_desk(accounts=[account])

    assert await desk.code(To="+447400123456") == 21408
    assert await desk.code(To=TO) == 21610


async def test_a_body_that_is_no_form_has_no_parameters(desk: Desk) -> None:
    response, answer = await desk.call(json={"To": TO})

    assert (response.status, answer["code"]) == (400, 21604)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("DELETE", "Messages.json", 405, 20004),
        ("POST", "Balance.json", 405, 20004),
        ("POST", "Messages", 404, 20404),
    ],
)
async def test_other_methods_and_paths_have_errors_too(
    desk: Desk, method: str, path: str, status: int, code: int
) -> None:
    response, answer = await desk.call(path, method=method)

    assert (response.status, answer["code"]) == (status, code)


# What is scripted.


@pytest.mark.parametrize(
    ("code", "status"), [("20429", 429), ("20500", 500), ("21610", 400), ("70051", 403)]
)
async def test_a_scripted_code_has_its_status(
    desk: Desk, code: str, status: int
) -> None:
    desk.emulator.fault(do={"code": code})

    told, answer = await desk.submit()

    assert (told, answer["status"], str(answer["code"])) == (status, status, code)
    assert desk.emulator.messages == []


async def test_too_many_requests_say_when_to_come_again(open_desk: Opener) -> None:
    desk = await open_desk(retry_after=7)
    desk.emulator.fault(do={"code": "20429"})

    response, _ = await desk.call(data={"To": TO})

    assert (response.status, response.headers["Retry-After"]) == (429, "7")


async def test_acceptance_can_be_scripted_but_not_for_strangers(desk: Desk) -> None:
    desk.emulator.fault(do={"code": "201"})

    assert (await desk.submit(From="anybody"))[0] == 201
    response, _ = await desk.call(auth="nobody:x", data={"To": TO, "Body": "x"})
    assert response.status == 401


async def test_a_connection_can_close_before_and_after(desk: Desk) -> None:
    desk.emulator.fault(do={"close": "before"}, match={"next": 1})
    desk.emulator.fault(do={"close": "after"}, match={"next": 1})

    for _ in range(2):
        with pytest.raises(aiohttp.ClientError):
            await desk.submit()

    assert (desk.emulator.received, desk.emulator.accepted) == (2, 1)


# What it pushes.


async def test_the_status_is_told_to_the_messages_own_address(
    open_desk: Opener, receiver: Receiver
) -> None:
    desk = await open_desk(push_url="http://127.0.0.1:9/nobody")

    _, answer = await desk.submit(StatusCallback=f"{receiver.url}?reference=01K#rc=2")
    await desk.emulator.pushed()

    [form] = receiver.forms
    assert receiver.targets == ["/push?reference=01K"]
    assert form == {
        "AccountSid": TEST_ACCOUNT,
        "ApiVersion": "2010-04-01",
        "From": TEST_SENDER,
        "MessageSid": answer["sid"],
        "MessageStatus": "delivered",
        "SmsSid": answer["sid"],
        "SmsStatus": "delivered",
        "To": TO,
        "RawDlrDoneDate": "1507302012",
    }


async def test_without_an_address_nothing_is_told(desk: Desk) -> None:
    await desk.submit()
    await desk.emulator.pushed()

    assert list(desk.emulator.pushes.log) == []
    with pytest.raises(LookupError, match="no URL is configured for receipts"):
        await desk.emulator.push_receipt(to=TO)
    with pytest.raises(LookupError, match="no URL is configured for replies"):
        await desk.emulator.push_reply(TO, "STOP")
    assert await desk.code() is None


@pytest.mark.parametrize(
    ("outcome", "status", "code"),
    [
        ("failed", "undelivered", "30008"),
        ("30003", "undelivered", "30003"),
        ("sent", "sent", None),
    ],
)
async def test_an_outcome_is_told_as_status_and_code(
    open_desk: Opener, receiver: Receiver, outcome: str, status: str, code: str | None
) -> None:
    desk = await open_desk(push_url=receiver.url, receipt="none")
    await desk.submit()

    push = await desk.emulator.push_receipt(to=TO, outcome=outcome)

    [form] = receiver.forms
    assert (form["MessageStatus"], form.get("ErrorCode")) == (status, code)
    assert push.state is PushState.ACKNOWLEDGED


async def test_a_push_is_tried_once(open_desk: Opener, receiver: Receiver) -> None:
    desk = await open_desk(push_url=receiver.url)
    receiver.status = 503

    push = await desk.emulator.push_receipt("SM1", to=TO)
    await desk.emulator.pushed()

    assert push.state is PushState.GIVEN_UP
    assert len(receiver.forms) == 1


async def test_a_handset_that_says_stop_gets_nothing_until_it_says_start(
    open_desk: Opener, receiver: Receiver
) -> None:
    desk = await open_desk(push_url=receiver.url, receipt="none")
    codes = [await desk.code()]

    for word in ("Stop ", "START", "hello"):
        await desk.emulator.push_reply(TO, word)
        codes.append(await desk.code())

    assert codes == [None, 21610, None, None]
    assert [form["Body"] for form in receiver.forms] == ["Stop ", "START", "hello"]
    assert {(form["From"], form["To"]) for form in receiver.forms} == {
        (TO, TEST_SENDER)
    }


async def test_opt_outs_are_bounded(open_desk: Opener, receiver: Receiver) -> None:
    desk = await open_desk(push_url=receiver.url, receipt="none", keep=1)

    for number in (TO, "+14155552346"):
        await desk.submit(To=number, StatusCallback=receiver.url)
        await desk.emulator.push_reply(number, "STOP")

    assert await desk.code(To=TO) is None
    assert await desk.code(To="+14155552346") == 21610


# Settings.


async def test_reset_restores_what_the_settings_say(
    open_desk: Opener, receiver: Receiver
) -> None:
    desk = await open_desk(push_url=receiver.url, receipt="none")
    await desk.submit()
    await desk.emulator.push_reply(TO, "STOP")

    await desk.emulator.reset()

    assert await desk.code() is None
    assert len(desk.emulator.messages) == 1


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"max_lenght": 3}, "unknown key max_lenght"),
        ({"max_length": 0}, "'max_length' must be >= 1"),
        ({"accounts": []}, "give at least one"),
        ({"accounts": [OTHER, OTHER]}, "each with its own sid"),
        ({"accounts": [{"sid": TEST_ACCOUNT}]}, "missing key auth_token"),
        ({"accounts": [{**MINE, "sid": "AC1"}]}, "sid"),
        ({"accounts": [{**MINE, "services": ["x"]}]}, "services"),
        ({"accounts": [{**MINE, "senders": []}]}, "senders"),
        ({"accounts": [{**MINE, "balance": "much"}]}, "expected an amount"),
        ({"push_url": "ftp://x"}, "push_url: expected an http:// or https:// URL"),
        ({"push_delays": []}, "push_delays"),
    ],
)
def test_options_that_do_not_fit_are_refused_with_their_place(
    options: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (compared below)
        create_emulator(options)

    assert complaint in str(caught.value)
    assert "@ settings" in str(caught.value)


def test_the_provider_type_makes_it_from_options() -> None:
    made = Plugins().provider_types["twilio"].make_emulator({"price": "1"})

    assert isinstance(made, TwilioEmulator)


def test_settings_do_not_show_their_secrets_in_repr() -> None:
    account = AccountSettings(sid=TEST_ACCOUNT, auth_token="hush")  # noqa: S106 (none)
    settings = Settings(accounts=(account,), push_url="https://n.example/hush")

    assert "hush" not in repr(settings)


@pytest.mark.parametrize("kind", [Settings, AccountSettings])
def test_every_setting_is_documented(kind: type) -> None:
    page = PAGE.read_text("utf-8")

    assert [a.name for a in attrs.fields(kind) if f"| `{a.name}` |" not in page] == []
