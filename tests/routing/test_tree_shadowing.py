"""Routes that no message can take are found without any message."""

from typing import Any

import pytest

from notify_core.routing.shadowing import contradiction, shadowed
from tests.routing.trees import tree

Match = dict[str, Any]


def shadows(earlier: Match | None, later: Match | None, above: Match) -> bool:
    """Return whether the later of two siblings gets no message."""
    written = [("earlier", earlier), ("later", later)]
    routes = [
        {"name": name} if match is None else {"name": name, "match": match}
        for name, match in written
    ]
    match: Any = {"match": above} if above else {}
    placed = tree({"name": "above", **match, "routes": routes}).routes
    return [*shadowed(placed[2:])] == [("later", "earlier")]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (None, {"kind": "otp"}),
        (None, None),
        ({"kind": "otp"}, {"kind": "otp"}),
        ({"kind": "otp"}, {"kind": "otp", "country": "CN"}),
        ({"kind": {"in": ["otp", "notice"]}}, {"kind": "notice"}),
        ({"kind": {"not": "otp"}}, {"kind": "notice"}),
        ({"importance": {"not": "low"}}, {"importance": {"not": ["low", "normal"]}}),
        ({"kind": {"in": ["otp", "notice"]}}, {"kind": {"not": "marketing"}}),
        ({"sender": {"exists": True}}, {"sender": "s"}),
        ({"sender": {"exists": True}}, {"sender": {"prefix": "s"}}),
        ({"sender": {"not": "s"}}, {"sender": {"exists": False}}),
        ({"sender": {"not": "s"}}, {"sender": {"not": ["s", "t"]}}),
        ({"sender": {"not": "s"}}, {"sender": {"prefix": "t"}}),
        ({"sender": {"prefix": "s"}}, {"sender": {"in": ["sa", "sb"]}}),
        ({"recipient": {"prefix": "+86"}}, {"recipient": {"prefix": "+86138"}}),
        ({"template": {"regex": "^a"}}, {"template": {"regex": "^a", "not": "ab"}}),
        ({"template": {"regex": "^a"}}, {"template": "ab"}),
        ({"labels.a": "x"}, {"labels.a": "x", "labels.b": "y"}),
    ],
)
def test_a_route_is_shadowed_by_one_before_it_that_asks_no_more(
    earlier: Match | None, later: Match | None
) -> None:
    assert shadows(earlier, later, above={})


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ({"kind": "otp"}, None),
        ({"kind": "otp"}, {"kind": "notice"}),
        ({"kind": "otp"}, {"country": "CN"}),
        ({"kind": "otp", "country": "CN"}, {"kind": "otp"}),
        ({"kind": "otp"}, {"kind": {"in": ["otp", "notice"]}}),
        ({"sender": {"exists": True}}, {"sender": {"not": "s"}}),
        ({"sender": {"not": "sa"}}, {"sender": {"prefix": "s"}}),
        ({"sender": {"not": ["s", "t"]}}, {"sender": {"not": "s"}}),
        ({"recipient": {"prefix": "+86138"}}, {"recipient": {"prefix": "+86"}}),
        ({"template": {"regex": "^a"}}, {"template": {"regex": "^ab"}}),
        ({"template": {"regex": "^a"}}, {"template": {"prefix": "a"}}),
        ({"labels.a": "x"}, {"labels.b": "x"}),
    ],
)
def test_a_route_that_may_get_a_message_is_not_called_shadowed(
    earlier: Match, later: Match | None
) -> None:
    assert not shadows(earlier, later, above={})


def test_what_the_routes_above_ask_for_counts() -> None:
    assert shadows({"kind": "otp"}, None, above={"kind": "otp"})
    assert not shadows({"kind": "otp"}, None, above={"country": "CN"})


@pytest.mark.parametrize(
    ("match", "field"),
    [
        ({"kind": {"eq": "otp", "not": "otp"}}, "kind"),
        ({"kind": {"eq": "otp", "in": ["notice"]}}, "kind"),
        ({"kind": {"not": ["otp", "notice", "marketing"]}}, "kind"),
        ({"channel": {"exists": False}}, "channel"),
        ({"country": "CN", "sender": {"eq": "s", "exists": False}}, "sender"),
        ({"sender": {"prefix": "a", "exists": False}}, "sender"),
        ({"sender": {"eq": "b", "prefix": "a"}}, "sender"),
        ({"template": {"in": ["a", "b"], "regex": "c"}}, "template"),
    ],
)
def test_conditions_that_exclude_each_other_are_found(match: Match, field: str) -> None:
    placed = tree({"name": "x", "match": match}).routes[1]

    assert contradiction(placed.conditions) == field


def test_conditions_of_a_route_and_those_above_it_are_taken_together() -> None:
    below = {"name": "below", "match": {"recipient": {"prefix": "+1"}}}
    above = {"name": "above", "match": {"recipient": {"prefix": "+86"}}}

    placed = tree({**above, "routes": [below]}).routes

    assert [contradiction(p.conditions) for p in placed] == [None, None, "recipient"]


def test_conditions_that_some_message_satisfies_are_not_called_contradictory() -> None:
    match = {
        "kind": {"not": "otp"},
        "sender": {"not": "s", "prefix": "s"},
        "recipient": {"prefix": "+86", "regex": "8$"},
        "locale": {"exists": False, "not": "en"},
    }

    assert (
        contradiction(tree({"name": "x", "match": match}).routes[1].conditions) is None
    )
