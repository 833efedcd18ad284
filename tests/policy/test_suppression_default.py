"""Suppression holds where nothing is said of it, and can be turned off."""

from typing import Any

import pytest

from notify_core import Notifier
from notify_core.model.message import Message
from notify_core.model.outcome import Reason
from notify_core.model.result import Result
from notify_core.model.status import Status
from notify_core.testing import FakeClock, FakeVendor
from tests.builders import NUMBER, code, text

LEAST = {
    "version": 1,
    "providers": {"a": {"type": "fake"}},
    "templates": {
        "code": {
            "kind": "otp",
            "params": {"type": "object", "properties": {"code": {"type": "string"}}},
            "text": "Your code is {{ code | default('') }}.",
        }
    },
    "routes": {"pool": "a"},
}


def opened(vendor: FakeVendor, **sections: Any) -> Notifier:
    """Return a notifier with these sections beside the least ones."""
    return Notifier.from_config(
        {**LEAST, **sections}, plugins={"fake": vendor}, clock=FakeClock()
    )


def using(**policies: dict[str, Any]) -> dict[str, Any]:
    """Return sections with policy sets, of which the route names the last."""
    routes = {"pool": "a", "policy": list(policies)[-1]}
    return {"policies": policies, "routes": routes}


async def sent_to_the_suppressed(
    vendor: FakeVendor, message: Message, **sections: Any
) -> Result:
    """Return what becomes of a message to an address that is on the list."""
    async with opened(vendor, **sections) as notifier:
        await notifier.suppress(NUMBER, why="asked us by phone")
        return await notifier.send(message)


@pytest.mark.parametrize("message", [text(), code()], ids=["text", "code"])
async def test_the_suppressed_get_nothing_without_any_policy_set(
    message: Message, vendor: FakeVendor
) -> None:
    result = await sent_to_the_suppressed(vendor, message)

    assert result.status is Status.SUPPRESSED
    assert result.reason is Reason.POLICY_BLOCKED
    assert vendor["a"].submissions == []


@pytest.mark.parametrize(
    "sections",
    [
        using(used={"max_attempts": 2}),
        using(base={"max_attempts": 2}, used={"extends": "base"}),
        using(used={"suppression": {"bypass": ["critical"]}}),
    ],
    ids=["says nothing", "extends", "says something else"],
)
async def test_they_get_nothing_under_a_set_that_does_not_turn_it_off(
    sections: dict[str, Any], vendor: FakeVendor
) -> None:
    result = await sent_to_the_suppressed(vendor, text(), **sections)

    assert result.status is Status.SUPPRESSED


async def test_who_said_stop_gets_codes_and_nothing_else_without_any_policy_set(
    vendor: FakeVendor,
) -> None:
    vendor["a"].answers(Reason.RECIPIENT_OPTED_OUT)

    async with opened(vendor) as notifier:
        await notifier.send(text())
        notice = await notifier.send(text())
        login = await notifier.send(code())

    assert notice.reason is Reason.RECIPIENT_OPTED_OUT
    assert notice.status is Status.SUPPRESSED
    assert login.ok


async def test_a_set_turns_it_off_by_not_asking_the_list(vendor: FakeVendor) -> None:
    sections = using(used={"suppression": {"list": False}})

    result = await sent_to_the_suppressed(vendor, text(), **sections)

    assert result.ok


@pytest.mark.parametrize(
    "base",
    [{"max_attempts": 2}, {"suppression": {"block": ["+86138*"]}}],
    ids=["by default", "as written"],
)
async def test_a_set_that_extends_another_takes_it_away_by_null(
    base: dict[str, Any], vendor: FakeVendor
) -> None:
    sections = using(base=base, used={"extends": "base", "suppression": None})

    result = await sent_to_the_suppressed(vendor, text(), **sections)

    assert result.ok


async def test_a_set_that_is_itself_called_default_says_what_it_wants(
    vendor: FakeVendor,
) -> None:
    result = await sent_to_the_suppressed(
        vendor, text(), **using(default={"suppression": {"list": False}})
    )

    assert result.ok
