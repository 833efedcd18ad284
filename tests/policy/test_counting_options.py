"""The options of limits, dedup and suppression arrive from a configuration."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from notify_core.config import check, load
from notify_core.model.channel import Kind
from notify_core.plugins import Plugins
from notify_core.policy.dedup import Dedup
from notify_core.policy.limits import Limits, Over
from notify_core.policy.policy_set import PolicySet
from notify_core.policy.suppression import Suppression
from notify_core.policy.take import CalendarDay, Sliding
from notify_core.testing import FakeVendor
from tests.builders import NUMBER
from tests.policy.configured import own


def written(policy: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": 1,
        "defaults": {"timezone": "Asia/Shanghai"},
        "providers": {"one": {"type": "fake"}},
        "policies": {"given": policy},
        "routes": {"pool": "one", "policy": "given"},
    }


def plugins() -> Plugins:
    return Plugins(extra={"fake": FakeVendor()})


def loaded(policy: dict[str, Any]) -> PolicySet:
    return load(written(policy), plugins()).routes.root.policy


def errors(policy: dict[str, Any]) -> list[str]:
    return [str(error) for error in check(written(policy), plugins()).errors]


def test_limits_name_key_allow_over_kinds_and_timezone() -> None:
    london = {
        "name": "per-ip",
        "key": ["labels.client_ip", "kind"],
        "allow": ["20/1h"],
        "over": "defer",
        "kinds": ["otp", "notice"],
        "timezone": "Europe/London",
    }
    daily = {"name": "daily", "key": ["recipient"], "allow": ["1/30s", "9/day"]}

    made = loaded({"limits": [{**london, "allow": ["20/1h", "3/day"]}, daily]})

    (named,) = own(made)
    assert named not in made.recurring
    assert isinstance(named.policy, Limits)
    first, second = named.policy.limits
    assert (first.name, second.name) == ("per-ip", "daily")
    assert first.key.parts == ("labels.client_ip", "kind")
    assert (first.over, second.over) == (Over.DEFER, Over.REJECT)
    assert first.kinds == {Kind.OTP, Kind.NOTICE}
    assert second.kinds == frozenset()
    assert [(a.most, a.window) for a in (*first.allow, *second.allow)] == [
        (20, Sliding(timedelta(hours=1))),
        (3, CalendarDay(ZoneInfo("Europe/London"))),
        (1, Sliding(timedelta(seconds=30))),
        (9, CalendarDay(ZoneInfo("Asia/Shanghai"))),
    ]


def test_dedup_key_and_window_and_their_defaults() -> None:
    given = loaded({"dedup": {"key": ["recipient", "content"], "window": "5m"}})
    usual = loaded({"dedup": {}})

    policies = [own(made)[0].policy for made in (given, usual)]

    assert [
        (policy.key.parts, policy.window)
        for policy in policies
        if isinstance(policy, Dedup)
    ] == [
        (("channel", "recipient", "content"), Sliding(timedelta(minutes=5))),
        (("channel", "recipient", "template", "params"), Sliding(timedelta(minutes=1))),
    ]


def test_suppression_list_bypass_words_block_and_allow_and_their_defaults() -> None:
    everything = {
        "list": False,
        "bypass": ["critical"],
        "opt_out_words": ["Basta"],
        "block": [NUMBER],
        "allow": ["+86*"],
    }

    sets = [loaded({"suppression": settings}) for settings in (everything, {})]

    given, usual = (made.recurring[0].policy for made in sets)
    assert isinstance(given, Suppression)
    assert isinstance(usual, Suppression)
    assert (given.asks_list, usual.asks_list) == (False, True)
    assert given.bypass == {"critical"}
    assert usual.bypass == {"otp"}
    assert given.opt_out_words == {"basta"}
    assert usual.opt_out_words >= {"td", "退订", "stop"}
    assert NUMBER in given.block
    assert NUMBER not in usual.block
    assert given.allow is not None
    assert NUMBER in given.allow
    assert usual.allow is None
    assert NUMBER[1:] not in repr(given)


def test_what_is_wrong_is_told_at_its_place() -> None:
    limit = {"name": "a", "key": ["recipient"], "allow": ["5/1h"]}

    found = errors(
        {
            "limits": [limit, {**limit, "timezone": "Mars/Base"}],
            "dedup": {"key": ["template"]},
            "suppression": {"block": ["13912345678"]},
        }
    )

    places = [error.split(" ")[0] for error in found]
    assert sorted(places) == [
        "policies.given.dedup.key",
        "policies.given.limits.1.name",
        "policies.given.limits.1.timezone",
        "policies.given.suppression.block.0",
    ]
    assert "12345678" not in "".join(found)


def test_what_no_limit_can_be_is_told_in_words() -> None:
    limit = {"name": "a", "key": ["recipent"], "allow": ["5/1w"], "over": "wait"}

    found = errors({"limits": [limit, "recomended"]})

    assert sorted(error.removeprefix("policies.given.limits.") for error in found) == [
        "0.allow.0 '5/1w' is no allowance; write for example 5/1h",
        (
            "0.key.0 'recipent' is no part of a message (recipient, channel, kind, "
            "country, sender, template, params, content, labels.<name>); "
            "write for example recipient"
        ),
        "0.over 'wait' is unknown; there are: defer, reject, suppress",
        "1 'recomended' is no limit (or the word recommended)",
    ]
