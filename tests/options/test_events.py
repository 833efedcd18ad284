"""The options under `events`."""

import json
from typing import Any

import attrs
import pytest

from notify_core.model.channel import Channel
from notify_core.provider import ProviderType, Settings, Submission
from notify_core.testing import FakeVendor
from tests.builders import text
from tests.options.configured import opened

_ENDPOINTS = {"billing", "audit"}


def _refusal(settings: Settings, submission: Submission) -> str | None:
    return None if submission.recipient.address in _ENDPOINTS else "no such endpoint"


@pytest.fixture
def hooks(vendor: FakeVendor) -> FakeVendor:
    """A vendor of the type `hooks` that has two endpoints."""
    can: ProviderType = vendor.type
    only = attrs.evolve(can.capabilities, channels=frozenset({Channel.WEBHOOK}))
    return FakeVendor("hooks", capabilities=only, refuses=_refusal)


async def told(
    vendor: FakeVendor, hooks: FakeVendor, **target: Any
) -> list[tuple[str, str, str]]:
    """Send a text, and return which account told whom of what."""
    vendor.type = attrs.evolve(
        vendor.type,
        capabilities=attrs.evolve(
            vendor.type.capabilities, channels=frozenset({Channel.SMS})
        ),
    )
    configuration = {
        "providers": {
            "a": {"type": "fake"},
            "near": {"type": "hooks"},
            "far": {"type": "hooks"},
        },
        "routes": {
            "name": "root",
            "pool": "a",
            "routes": [
                {"name": "near", "match": {"channel": "webhook"}, "pool": "near"},
                {"name": "far", "match": {"labels.never": "so"}, "pool": "far"},
            ],
        },
        "events": [{"to": "billing", **target}],
    }
    async with opened(configuration, vendor, hooks) as notifier:
        await notifier.send(text())
    return [
        (
            account,
            submission.recipient.address,
            json.loads(submission.text or "")["type"],
        )
        for account in ("near", "far")
        for submission in hooks[account].submissions
    ]


@pytest.mark.option("events[].to", instead="audit")
async def test_an_endpoint_is_told_what_happens(
    vendor: FakeVendor, hooks: FakeVendor
) -> None:
    assert await told(vendor, hooks) == [("near", "billing", "settled")]


@pytest.mark.option("events[].types")
async def test_an_endpoint_is_told_of_these_events_alone(
    vendor: FakeVendor, hooks: FakeVendor
) -> None:
    found = await told(vendor, hooks, types=["attempted"])

    assert found == [("near", "billing", "attempted")]


@pytest.mark.option("events[].route")
async def test_events_take_the_route_that_is_named(
    vendor: FakeVendor, hooks: FakeVendor
) -> None:
    assert await told(vendor, hooks, route="far") == [("far", "billing", "settled")]
