"""The options of the policies `limits`, `dedup` and `suppression`."""

import json
from typing import Any

import pytest

from notify_core.model.message import Message
from notify_core.model.outcome import Reason
from notify_core.model.result import Result
from notify_core.model.status import Status
from notify_core.model.webhook import WebhookRequest
from notify_core.testing import FakeClock, FakeVendor
from tests.builders import NUMBER, TOKEN, text
from tests.options.configured import CODE, each, one, opened, under
from tests.options.test_defaults import EVENING

OTHER = "+8613900139000"
PER_NUMBER = {"name": "per-number", "key": ["recipient"], "allow": ["1/1h"]}


async def sent(vendor: FakeVendor, limits: Any, *messages: Message) -> list[Status]:
    """Return what becomes of messages, sent one after the other."""
    configuration = under({"limits": limits}, templates={"code": CODE})
    return [r.status for r in await each(configuration, *messages, vendor=vendor)]


@pytest.mark.option("policies.*.limits")
async def test_recommended_limits_are_those_of_the_provider() -> None:
    recommends = FakeVendor(recommended_limits=(PER_NUMBER,))

    statuses = await sent(recommends, "recommended", text(), text())

    assert statuses == [Status.ACCEPTED, Status.REJECTED]


@pytest.mark.option("policies.*.limits[].name", instead="other")
async def test_a_refusal_names_the_limit(vendor: FakeVendor) -> None:
    configuration = under({"limits": [PER_NUMBER]})

    result = await one(configuration, text(), text(), vendor=vendor)

    assert "per-number" in result.explain()


@pytest.mark.option("policies.*.limits[].key", instead=["kind"])
async def test_a_limit_counts_what_is_alike(vendor: FakeVendor) -> None:
    statuses = await sent(vendor, [PER_NUMBER], text(), text(to=OTHER))

    assert statuses == [Status.ACCEPTED, Status.ACCEPTED]


@pytest.mark.option("policies.*.limits[].allow", instead=["3/1h"])
async def test_a_limit_allows_so_many(vendor: FakeVendor) -> None:
    two = {**PER_NUMBER, "allow": ["2/1h"]}

    statuses = await sent(vendor, [two], text(), text(), text())

    assert statuses == [Status.ACCEPTED, Status.ACCEPTED, Status.REJECTED]


@pytest.mark.option("policies.*.limits[].over")
async def test_a_message_beyond_a_limit_may_be_dropped(vendor: FakeVendor) -> None:
    limit = {**PER_NUMBER, "over": "suppress"}

    statuses = await sent(vendor, [limit], text(), text())

    assert statuses == [Status.ACCEPTED, Status.SUPPRESSED]


@pytest.mark.option("policies.*.limits[].kinds")
async def test_a_limit_holds_for_some_kinds(vendor: FakeVendor) -> None:
    limit = {**PER_NUMBER, "kinds": ["otp"]}

    statuses = await sent(vendor, [limit], text(), text())

    assert statuses == [Status.ACCEPTED, Status.ACCEPTED]


@pytest.mark.option("policies.*.limits[].timezone")
async def test_a_limits_day_is_that_of_its_time_zone(vendor: FakeVendor) -> None:
    daily = {**PER_NUMBER, "allow": ["1/day"], "timezone": "Asia/Shanghai"}
    clock = FakeClock(EVENING)

    async with opened(under({"limits": [daily]}), vendor, clock=clock) as notifier:
        await notifier.send(text())
        clock.advance(3600)
        next_day = await notifier.send(text())

    assert next_day.ok


@pytest.mark.option("policies.*.dedup.key")
async def test_a_duplicate_is_what_is_alike_in_these_parts(
    vendor: FakeVendor,
) -> None:
    configuration = under({"dedup": {"key": ["recipient"]}})

    result = await one(configuration, text("One."), text("Two."), vendor=vendor)

    assert result.reason is Reason.POLICY_DUPLICATE


@pytest.mark.option("policies.*.dedup.window")
async def test_a_duplicate_is_one_for_so_long(vendor: FakeVendor) -> None:
    clock = FakeClock()
    configuration = under({"dedup": {"window": "5m"}})

    async with opened(configuration, vendor, clock=clock) as notifier:
        await notifier.send(text())
        clock.advance(120)
        again = await notifier.send(text())

    assert again.reason is Reason.POLICY_DUPLICATE


@pytest.mark.option("policies.*.suppression.list")
async def test_the_suppression_list_need_not_be_asked(vendor: FakeVendor) -> None:
    configuration = under({"suppression": {"list": False}})

    async with opened(configuration, vendor) as notifier:
        await notifier.suppress(NUMBER, why="asked for it")
        result = await notifier.send(text())

    assert result.ok


async def replied(
    vendor: FakeVendor, word: str, suppression: dict[str, Any], message: Message
) -> Result:
    """Return what becomes of a message to somebody who replied with a word."""
    body = json.dumps({"from": NUMBER, "text": word}).encode()
    webhook = {"tokens": [{"env": "TOKEN"}]}
    configuration = under(
        {"suppression": suppression},
        providers={"a": {"type": "fake", "webhook": webhook}},
    )
    async with opened(configuration, vendor) as notifier:
        await notifier.receive("a", WebhookRequest(url="", body=body, token=TOKEN))
        return await notifier.send(message)


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a token where a reference leads."""
    monkeypatch.setenv("TOKEN", TOKEN)


@pytest.mark.usefixtures("token")
@pytest.mark.option("policies.*.suppression.bypass")
async def test_who_said_stop_may_still_get_some_kinds(vendor: FakeVendor) -> None:
    result = await replied(vendor, "STOP", {"bypass": ["notice"]}, text())

    assert result.ok


@pytest.mark.usefixtures("token")
@pytest.mark.option("policies.*.suppression.opt_out_words")
async def test_people_say_stop_with_these_words(vendor: FakeVendor) -> None:
    result = await replied(vendor, "basta", {"opt_out_words": ["Basta"]}, text())

    assert result.reason is Reason.RECIPIENT_OPTED_OUT


@pytest.mark.option("policies.*.suppression.block")
async def test_a_blocked_address_gets_nothing(vendor: FakeVendor) -> None:
    configuration = under({"suppression": {"block": ["+86139*"]}})

    results = await each(configuration, text(), text(to=OTHER), vendor=vendor)

    assert [r.status for r in results] == [Status.ACCEPTED, Status.SUPPRESSED]


@pytest.mark.option("policies.*.suppression.allow")
async def test_only_allowed_addresses_get_something(vendor: FakeVendor) -> None:
    configuration = under({"suppression": {"allow": ["+86138*"]}})

    results = await each(configuration, text(), text(to=OTHER), vendor=vendor)

    assert [r.status for r in results] == [Status.ACCEPTED, Status.SUPPRESSED]
