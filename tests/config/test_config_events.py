"""What is said of `events` in a configuration."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from notify_core.config import load
from notify_core.errors import ConfigurationError
from notify_core.model.channel import Channel
from notify_core.model.event import EVENT_TYPES, OutboxRead, PluginFailed
from notify_core.plugins import Plugins
from notify_core.policy.schema import CONFIG_SCHEMA
from notify_core.provider import Settings, Submission
from notify_core.schemas import public_schema
from notify_core.testing import FakeVendor

DURABLE = {
    "outbox": {"url": "sqlite:///n.db"},
    "privacy": {"hash_key": {"env": "KEY"}},
}


def _refusal(settings: Settings, submission: Submission) -> str | None:
    return None if submission.recipient.address == "billing" else "it has none"


def _vendor(name: str, channel: Channel, **facts: Any) -> FakeVendor:
    usual = FakeVendor().type.capabilities
    can = attrs.evolve(usual, channels=frozenset({channel}))
    return FakeVendor(name, capabilities=can, **facts)


def read(*targets: dict[str, Any], **sections: Any) -> Any:
    """Compile a configuration with these targets."""
    vendor = _vendor("fake", Channel.SMS)
    hooks = _vendor("hooks", Channel.WEBHOOK, refuses=_refusal)
    configuration = {
        "version": 1,
        "providers": {"a": {"type": "fake"}, "hooks": {"type": "hooks"}},
        "routes": {
            "name": "root",
            "pool": "a",
            "routes": [
                {"name": "hooks", "match": {"channel": "webhook"}, "pool": "hooks"},
                {"name": "texts", "match": {"kind": "otp"}, "pool": "a"},
            ],
        },
        "events": list(targets),
        **sections,
    }
    plugins = Plugins(extra={"fake": vendor, "hooks": hooks})
    return load(configuration, plugins, {"KEY": "0123456789abcdef"})


def problems(*targets: dict[str, Any], **sections: Any) -> dict[str, str]:
    """Return what is wrong, by pointer."""
    with pytest.raises(ConfigurationError) as raised:
        read(*targets, **sections)
    return {p.pointer: p.message for p in raised.value.problems}


def warnings(*targets: dict[str, Any], **sections: Any) -> dict[str, str]:
    """Return what is warned of about events, by pointer."""
    found = read(*targets, **sections).warnings
    return {p.pointer: p.message for p in found if p.pointer.startswith("/events")}


def test_what_is_sent_is_every_event_but_two() -> None:
    schema = public_schema(CONFIG_SCHEMA)["$defs"]["event_target"]["properties"]

    names = {name for cls, name in EVENT_TYPES.items()} - {
        EVENT_TYPES[PluginFailed],
        EVENT_TYPES[OutboxRead],
    }

    assert set(schema["types"]["items"]["enum"]) == names


def test_what_is_told_where_nothing_is_said_is_what_the_schema_says() -> None:
    schema = public_schema(CONFIG_SCHEMA)["$defs"]["event_target"]["properties"]

    (target,) = read({"to": "billing"}, **DURABLE).events

    assert target.types == set(schema["types"]["default"])


def test_an_endpoint_and_a_route_that_are_not_there_are_told() -> None:
    told = problems({"to": "biling", "route": "hoks"}, **DURABLE)

    assert told["/events/0/to"].startswith("no provider has an endpoint 'biling'")
    assert told["/events/0/route"] == "'hoks' is no route; did you mean 'hooks'?"


def test_of_a_faulty_provider_no_endpoint_is_missed() -> None:
    providers = {
        "a": {"type": "fake"},
        "hooks": {"type": "hooks", "settings": {"x": 1}},
    }

    told = problems({"to": "elsewhere"}, providers=providers, **DURABLE)

    assert not [pointer for pointer in told if pointer.startswith("/events")]


def test_in_memory_events_may_be_lost_and_that_is_warned_of() -> None:
    assert "each is sent once at most" in warnings({"to": "billing"})["/events"]
    assert warnings({"to": "billing"}, **DURABLE) == {}


def test_a_route_that_does_not_lead_to_the_endpoint_is_warned_of() -> None:
    told = warnings({"to": "billing", "route": "texts"}, **DURABLE)

    assert told["/events/0/to"].startswith("gets no events: they take route 'texts'")


def test_without_a_route_the_tree_has_to_lead_to_the_endpoint() -> None:
    routes = {
        "pool": "a",
        "routes": [{"name": "x", "match": {"kind": "otp"}, "pool": "hooks"}],
    }

    told = warnings({"to": "billing"}, routes=routes, **DURABLE)

    assert told["/events/0/to"].startswith("gets no events: they take route 'root'")
