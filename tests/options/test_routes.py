"""The options under `routes`."""

import asyncio
import re
from typing import Any

import attrs
import pytest

from notify_core.errors import InvalidMessage
from notify_core.model.channel import Channel, Importance
from notify_core.model.message import Message
from notify_core.model.outcome import Reason
from notify_core.provider import TextMode
from notify_core.testing import FakeVendor
from tests.builders import NUMBER, code, text
from tests.options.configured import CODE, TWO, one, opened, under

BRITISH = "+447400123456"


async def taken(vendor: FakeVendor, message: Message, *below: dict[str, Any]) -> str:
    """Return the route that a message takes, with these below the first one."""
    routes = {"pool": "a", "routes": list(below)}
    configuration = {"templates": {"code": CODE, "other": CODE}, "routes": routes}
    return (await one(configuration, message, vendor=vendor)).route


@pytest.mark.option("routes.name")
async def test_a_result_names_its_route(vendor: FakeVendor) -> None:
    result = await one({"routes": {"name": "everything", "pool": "a"}}, vendor=vendor)

    assert result.route == "everything"


@pytest.mark.option("routes.pool", instead="b")
async def test_a_route_sends_through_its_pool(vendor: FakeVendor) -> None:
    result = await one({"providers": TWO, "routes": {"pool": "a"}}, vendor=vendor)

    assert result.attempts[0].provider == "a"


@pytest.mark.option("routes.policy")
async def test_a_route_has_its_policy_set(vendor: FakeVendor) -> None:
    result = await one(under({"content": {"max_length": 1}}), vendor=vendor)

    assert result.reason is Reason.POLICY_CONTENT


@pytest.mark.option("routes.free_text")
async def test_a_route_lets_free_texts_through_to_filed_ones() -> None:
    can = attrs.evolve(FakeVendor().type.capabilities, text=TextMode.APPROVED)
    routes = {"pool": "a", "free_text": True}

    result = await one({"routes": routes}, vendor=FakeVendor(capabilities=can))

    assert result.ok


@pytest.mark.option("routes.by_name")
async def test_a_message_may_not_name_every_route(vendor: FakeVendor) -> None:
    routes = {"pool": "a", "by_name": False}

    async with opened({"routes": routes}, vendor) as notifier:
        sending = notifier.send(text(route="root"))
        [refused] = await asyncio.gather(sending, return_exceptions=True)

    assert isinstance(refused, InvalidMessage)


@pytest.mark.option("routes.routes")
async def test_a_route_below_takes_what_matches_it(vendor: FakeVendor) -> None:
    below = {"name": "codes", "match": {"kind": "otp"}}

    assert await taken(vendor, code(), below) == "codes"


#: Of each field a value with a message that has it, and one with another.
FIELDS: dict[str, tuple[str, Message, str, Message]] = {
    "channel": ("voice", text(channel=Channel.VOICE), "sms", text()),
    "kind": ("otp", code(), "notice", text()),
    "country": ("CN", text(), "GB", text(to=BRITISH)),
    "recipient": (NUMBER, text(), BRITISH, text(to=BRITISH)),
    "prefix": ("86", text(), "44", text(to=BRITISH)),
    "template": ("code", code(), "other", code(template="other")),
    "sender": ("Acme", text(sender="Acme"), "Other", text(sender="Other")),
    "importance": ("high", text(importance=Importance.HIGH), "normal", text()),
    "locale": ("zh-CN", text(locale="zh-CN"), "en", text(locale="en")),
    "labels.tenant": (
        "one",
        text(labels={"tenant": "one"}),
        "two",
        text(labels={"tenant": "two"}),
    ),
}

each_field = pytest.mark.parametrize("field", FIELDS)


async def ways(vendor: FakeVendor, field: str, condition: Any) -> list[str]:
    """Return the routes of the two messages, where one below has this condition."""
    _, message, _, other = FIELDS[field]
    below = {"name": "below", "match": {field: condition}}
    return [await taken(vendor, one_of, below) for one_of in (message, other)]


@pytest.mark.option("routes.match.*", instead={"exists": True})
@each_field
async def test_a_field_is_equal_to_a_value(vendor: FakeVendor, field: str) -> None:
    assert await ways(vendor, field, FIELDS[field][0]) == ["below", "root"]


@pytest.mark.option("routes.match.*.eq")
@each_field
async def test_a_field_is_this_value(vendor: FakeVendor, field: str) -> None:
    condition = {"eq": FIELDS[field][0], "exists": True}

    assert await ways(vendor, field, condition) == ["below", "root"]


@pytest.mark.option("routes.match.*.in")
@each_field
async def test_a_field_is_one_of_some_values(vendor: FakeVendor, field: str) -> None:
    condition = {"in": [FIELDS[field][0]], "exists": True}

    assert await ways(vendor, field, condition) == ["below", "root"]


@pytest.mark.option("routes.match.*.not")
@each_field
async def test_a_field_is_not_a_value(vendor: FakeVendor, field: str) -> None:
    condition = {"not": FIELDS[field][2], "exists": True}

    assert await ways(vendor, field, condition) == ["below", "root"]


@pytest.mark.option("routes.match.*.prefix")
@each_field
async def test_a_field_begins_with_a_value(vendor: FakeVendor, field: str) -> None:
    condition = {"prefix": FIELDS[field][0], "exists": True}

    assert await ways(vendor, field, condition) == ["below", "root"]


@pytest.mark.option("routes.match.*.regex")
@each_field
async def test_a_field_matches_an_expression(vendor: FakeVendor, field: str) -> None:
    condition = {"regex": re.escape(FIELDS[field][0]), "exists": True}

    assert await ways(vendor, field, condition) == ["below", "root"]


@pytest.mark.option("routes.match.*.exists")
@each_field
async def test_a_field_has_no_value(vendor: FakeVendor, field: str) -> None:
    condition = {"exists": False, "not": FIELDS[field][2]}

    assert await ways(vendor, field, condition) == ["root", "root"]
