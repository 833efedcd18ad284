"""Notifiers made from small configurations, as a user makes them."""

from random import Random
from typing import Any, Unpack

from notify_core import Notifier
from notify_core.model.result import Result
from notify_core.notifier import Options
from notify_core.testing import FakeClock, FakeVendor
from tests.builders import text

#: Two accounts of one vendor.
TWO = {"a": {"type": "fake"}, "b": {"type": "fake"}}

#: Takes one parameter, `code`.
CODE = {
    "kind": "otp",
    "params": {
        "type": "object",
        "properties": {"code": {"type": "string"}},
        "required": ["code"],
        "additionalProperties": False,
    },
    "text": "Your code is {{ code }}.",
}

#: The least that sends.
LEAST = {
    "version": 1,
    "providers": {"a": {"type": "fake"}},
    "routes": {"pool": "a"},
}


def opened(
    configuration: dict[str, Any],
    *plugins: FakeVendor,
    **options: Unpack[Options],
) -> Notifier:
    """Return a notifier with these sections in the place of the least ones."""
    named = {f"plugin-{n}": plugin for n, plugin in enumerate(plugins)}
    given: Options = {"clock": FakeClock(), "random": Random(1), **options}  # noqa: S311 (jitter)
    return Notifier.from_config({**LEAST, **configuration}, plugins=named, **given)


def under(policy: dict[str, Any], **sections: Any) -> dict[str, Any]:
    """Return sections of a configuration whose one route has this policy set."""
    return {
        "policies": {"given": policy},
        "routes": {"pool": "a", "policy": "given"},
        **sections,
    }


def failing_over(policy: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration with this policy set where `b` comes after `a`."""
    return under(
        policy,
        providers=TWO,
        pools={"both": {"members": ["a", "b"]}},
        routes={"pool": "both", "policy": "given"},
    )


async def each(
    configuration: dict[str, Any],
    *messages: Any,
    vendor: FakeVendor,
    **options: Unpack[Options],
) -> list[Result]:
    """Send messages, by default one notice, one after the other."""
    async with opened(configuration, vendor, **options) as notifier:
        return [await notifier.send(message) for message in messages or (text(),)]


async def one(
    configuration: dict[str, Any],
    *messages: Any,
    vendor: FakeVendor,
    **options: Unpack[Options],
) -> Result:
    """Send messages one after the other, and return what became of the last."""
    return (await each(configuration, *messages, vendor=vendor, **options))[-1]
