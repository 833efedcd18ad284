"""The options of the policies `content` and `sandbox`."""

from typing import Any

import pytest

from notify_core.model.outcome import Reason
from notify_core.model.status import Status
from notify_core.testing import FakeVendor
from tests.builders import NUMBER, text
from tests.options.configured import TWO, each, one, under

OTHER = "+8613900139000"


async def is_refused(vendor: FakeVendor, words: str, **content: Any) -> bool:
    """Return whether a text breaks a rule, and another one does not."""
    configuration = under({"content": {"max_length": 999, "emoji": "allow", **content}})
    plain, told = await each(configuration, text("Hi."), text(words), vendor=vendor)
    return plain.ok and told.reason is Reason.POLICY_CONTENT


@pytest.mark.option("policies.*.content.max_length")
async def test_a_long_text_is_refused(vendor: FakeVendor) -> None:
    assert await is_refused(vendor, "x" * 21, max_length=20)


@pytest.mark.option("policies.*.content.max_segments")
async def test_a_text_of_many_parts_is_refused(vendor: FakeVendor) -> None:
    assert await is_refused(vendor, "x" * 161, max_segments=1)


@pytest.mark.option("policies.*.content.emoji")
async def test_a_text_with_an_emoji_is_refused(vendor: FakeVendor) -> None:
    assert await is_refused(vendor, "Your parcel is here 🎉", emoji="reject")


@pytest.mark.option("policies.*.content.forbid")
async def test_a_text_with_a_forbidden_word_is_refused(vendor: FakeVendor) -> None:
    assert await is_refused(vendor, "Come to our casino.", forbid=["casino"])


@pytest.mark.option("policies.*.sandbox.allow")
async def test_who_is_listed_in_the_sandbox_gets_messages(vendor: FakeVendor) -> None:
    configuration = under({"sandbox": {"allow": [NUMBER]}})

    results = await each(configuration, text(), text(to=OTHER), vendor=vendor)

    assert [r.status for r in results] == [Status.ACCEPTED, Status.SUPPRESSED]


@pytest.mark.option("policies.*.sandbox.instead")
async def test_the_sandbox_sends_messages_elsewhere(vendor: FakeVendor) -> None:
    configuration = under({"sandbox": {"instead": "b"}}, providers=TWO)

    result = await one(configuration, vendor=vendor)

    assert [attempt.provider for attempt in result.attempts] == ["b"]
