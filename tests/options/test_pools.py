"""The options under `pools`."""

from typing import Any

import pytest

from notify_core.testing import FakeVendor
from tests.builders import text
from tests.options.configured import TWO, each


async def takers(vendor: FakeVendor, pool: dict[str, Any], most: int) -> str:
    """Return who takes each of so many messages."""
    configuration = {
        "providers": TWO,
        "pools": {"main": pool},
        "routes": {"pool": "main"},
    }
    messages = [text() for _ in range(most)]
    results = await each(configuration, *messages, vendor=vendor)
    return "".join(result.attempts[0].provider for result in results)


@pytest.mark.option("pools.*.strategy")
@pytest.mark.parametrize(
    ("strategy", "order"), [("round_robin", "abab"), ("weighted", "abab")]
)
async def test_the_strategy_says_who_is_first(
    vendor: FakeVendor, strategy: str, order: str
) -> None:
    pool = {"strategy": strategy, "members": ["a", "b"]}

    assert await takers(vendor, pool, 4) == order


@pytest.mark.option("pools.*.strategy")
async def test_a_random_order_is_drawn_anew_for_each_message(
    vendor: FakeVendor,
) -> None:
    pool = {"strategy": "random", "members": ["a", "b"]}

    assert set(await takers(vendor, pool, 20)) == {"a", "b"}


@pytest.mark.option("pools.*.members", instead=["a", "b"])
async def test_the_members_are_tried_as_they_are_written(vendor: FakeVendor) -> None:
    assert await takers(vendor, {"members": ["b", "a"]}, 1) == "b"


@pytest.mark.option("pools.*.members[].use", instead="a")
async def test_a_member_is_the_provider_that_it_names(vendor: FakeVendor) -> None:
    assert await takers(vendor, {"members": [{"use": "b"}]}, 1) == "b"


@pytest.mark.option("pools.*.members[].weight")
async def test_a_member_is_first_as_often_as_its_weight_says(
    vendor: FakeVendor,
) -> None:
    members = [{"use": "a", "weight": 3}, {"use": "b"}]

    order = await takers(vendor, {"strategy": "weighted", "members": members}, 8)

    assert (order.count("a"), order.count("b")) == (6, 2)
