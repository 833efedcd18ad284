"""The routes of a configuration become a tree, and what is doubtful of it is told."""

from typing import Any

import attrs
import pytest

from notify_core.config import check, load
from notify_core.model.channel import Channel, Kind
from notify_core.model.recipient import Phone
from notify_core.provider import Capabilities
from notify_core.routing.pool import Pool
from tests.config.bench import PLAIN, Bench
from tests.config.conftest import PluginsWith
from tests.routing.trees import facts

PER_NUMBER = {"name": "per-number", "key": ["recipient"], "allow": ["5/1h"]}
PHONE = Phone("+12025550100", "1", "US")


@pytest.fixture
def written() -> dict[str, Any]:
    """A configuration with a tree."""
    return {
        "version": 1,
        "providers": {"one": {"type": "plain"}, "two": {"type": "plain"}},
        "pools": {"both": {"members": ["two", "one"]}},
        "policies": {"quick": {"deadline": "5s", "limits": [PER_NUMBER]}},
        "routes": {
            "pool": "one",
            "routes": [
                {
                    "name": "otp",
                    "match": {"kind": "otp"},
                    "pool": "both",
                    "policy": "quick",
                    "free_text": True,
                    "by_name": False,
                    "routes": [{"name": "us", "match": {"country": "US"}}],
                }
            ],
        },
    }


def warnings(bench: Bench, content: dict[str, Any]) -> list[str]:
    report = bench.check(content)
    assert report.errors == ()
    return [str(warning) for warning in report.warnings]


def test_routes_have_the_pools_and_policy_sets_that_they_name(
    bench: Bench, written: dict[str, Any]
) -> None:
    routes = bench.load(written).routes

    assert routes.root.pool == Pool.of("one", "one")
    assert routes.by_name["otp"].pool == Pool.of("both", "two", "one")
    assert routes.by_name["otp"].policy.name == "quick"
    assert routes.by_name["otp"].free_text is True
    assert routes.by_name["otp"].by_name is False


def test_a_route_below_has_what_the_one_above_it_names(
    bench: Bench, written: dict[str, Any]
) -> None:
    routes = bench.load(written).routes

    assert attrs.evolve(routes.by_name["us"], name="otp") == routes.by_name["otp"]
    assert routes.by_name["us"].policy is routes.by_name["otp"].policy


def test_null_takes_back_what_the_route_above_names(
    bench: Bench, written: dict[str, Any]
) -> None:
    us = {"name": "us", "policy": None, "free_text": None, "by_name": None}
    written["routes"]["routes"][0]["routes"] = [us]

    routes = bench.load(written).routes

    assert routes.by_name["us"].policy == routes.root.policy
    assert routes.by_name["us"].free_text is False
    assert routes.by_name["us"].by_name is True


def test_messages_take_the_routes_that_they_match(
    bench: Bench, written: dict[str, Any]
) -> None:
    routes = bench.load(written).routes

    assert routes.choose(facts(kind=Kind.NOTICE)).name == "root"
    assert routes.choose(facts()).name == "otp"
    assert routes.choose(facts(recipient=PHONE)).name == "us"


def test_values_that_yaml_often_misreads_are_matched_as_they_are_written(
    bench: Bench,
) -> None:
    snapshot = bench.load(
        "version: 1\nproviders: {one: {type: plain}}\nroutes:\n  pool: one\n  routes:\n"
        "    - {name: norway, match: {country: NO}}\n"
        "    - {name: one, match: {recipient: +8613800138000}}\n"
        '    - {name: label, match: {labels.on: "1"}}\n'
    )
    norway = Phone("+4790000000", "47", "NO")

    choose = snapshot.routes.choose

    assert choose(facts(recipient=norway)).name == "norway"
    assert choose(facts()).name == "one"
    assert choose(facts(recipient=PHONE, labels={"on": "1"})).name == "label"


def test_a_number_in_a_match_is_never_shown_whole(bench: Bench) -> None:
    errors = bench.errors(
        "version: 1\nproviders: {one: {type: plain}}\nroutes:\n  pool: one\n  routes:\n"
        "    - {name: a, match: {recipient: 13911112222}}\n"
        '    - {name: b, match: {recipient: {in: ["139 1111 2222"]}}}\n'
        '    - {name: c, match: {recipient: {regex: "(13911112222"}}}\n'
        "    - {name: d, match: {recipient: {eq: 13911112222}}}\n"
    )

    assert len(errors) == 4
    assert not any("2222" in error or "139111" in error for error in errors)


def test_templates_in_a_match_are_looked_for(
    bench: Bench, written: dict[str, Any]
) -> None:
    written["templates"] = {"login-code": {"kind": "otp", "text": "Your code."}}
    match = {"template": {"in": ["login-code", "lgoin-code"]}}
    written["routes"]["routes"] = [{"name": "login", "match": match, "pool": "both"}]

    [_, found] = warnings(bench, written)

    assert found == (
        "routes.routes.0.match.template.in.1 'lgoin-code' is no template; "
        "did you mean 'login-code'?"
    )


@pytest.mark.parametrize(
    ("match", "can", "found"),
    [
        ({"channel": "voice"}, {}, "it serves only sms"),
        ({"channel": {"not": "sms"}}, {}, "it serves only sms"),
        ({"channel": {"not": "voice"}}, {}, None),
        ({"country": "US"}, {"countries": frozenset({"CN"})}, "it serves only CN"),
        ({"country": {"not": ["CN"]}}, {"countries": frozenset({"CN"})}, "it serves"),
        ({"country": {"in": ["CN", "US"]}}, {"countries": frozenset({"CN"})}, None),
        ({"country": "US"}, {"countries": None}, None),
        ({"channel": "voice"}, {"channels": frozenset({Channel.VOICE})}, None),
    ],
)
def test_a_member_that_cannot_serve_what_its_route_matches_is_told(
    match: dict[str, Any],
    can: dict[str, Any],
    found: str | None,
    plugins_with: PluginsWith,
) -> None:
    some: Capabilities = attrs.evolve(PLAIN.capabilities, **can)
    every = attrs.evolve(PLAIN.capabilities, channels=frozenset(Channel))
    plugins = plugins_with(
        attrs.evolve(PLAIN, capabilities=every),
        attrs.evolve(PLAIN, name="some", capabilities=some),
    )
    content = {
        "version": 1,
        "providers": {"one": {"type": "some"}, "two": {"type": "plain"}},
        "pools": {"both": {"members": ["one", "two"]}},
        "routes": {
            "pool": "both",
            "routes": [{"name": "here", "match": match, "pool": "both"}],
        },
    }

    told = [str(warning) for warning in check(content, plugins).warnings]

    start = "routes.routes.0.pool 'one' gets no message that this matches: "
    assert [w.startswith(f"{start}{found}") for w in told] == [True] * bool(found)


def test_providers_pools_and_policy_sets_of_any_route_are_in_use(
    bench: Bench, written: dict[str, Any]
) -> None:
    written["providers"]["spare"] = {"type": "plain"}
    written["pools"]["spares"] = {"members": ["spare"]}
    written["policies"]["slow"] = {}

    assert warnings(bench, written) == [
        "policies.slow is used by no route",
        "pools.spares is used by no route",
        "providers.spare is used by no route",
    ]


def test_many_routes_that_exclude_each_other_give_no_warnings(
    plugins_with: PluginsWith,
) -> None:
    routes = [
        {"name": f"t{n}", "match": {"labels.tenant": f"t{n}"}} for n in range(200)
    ]
    content = {
        "version": 1,
        "providers": {"one": {"type": "plain"}},
        "routes": {"pool": "one", "routes": routes},
    }

    snapshot = load(content, plugins_with(PLAIN))

    assert len(snapshot.routes.routes) == 201
    assert snapshot.warnings == ()
