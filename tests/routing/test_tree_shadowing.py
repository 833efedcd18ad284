"""Routes that no message can take are found without any message."""

from typing import Any

import pytest

from notify_core.model.channel import Kind
from notify_core.routing import shadowing
from notify_core.routing.relation import relations
from notify_core.routing.shadowing import Unreached, reach
from tests.routing.trees import tree

Match = dict[str, Any]

TEMPLATES = {"a": Kind.OTP, "ab": Kind.OTP, "abc": Kind.NOTICE, "b": Kind.OTP}


def never_taken(*routes: dict[str, Any]) -> dict[str, Unreached]:
    """Return what is told of each route that no message takes, by name."""
    told = reach(tree(*routes).routes, relations(TEMPLATES)).unreached
    return {found.route.route.name: found for found in told}


def takers(*matches: Match | None, above: Match | None = None) -> tuple[str, ...]:
    """Return the siblings that take all of the last: 0 is the first one."""
    routes = [
        {"name": str(n)} if match is None else {"name": str(n), "match": match}
        for n, match in enumerate(matches)
    ]
    last = str(len(matches) - 1)
    match: Any = {"match": above} if above else {}
    found = never_taken({"name": "above", **match, "routes": routes})
    return found[last].taken_by if last in found else ()


def shadows(
    earlier: Match | None, later: Match | None, above: Match | None = None
) -> bool:
    """Return whether the later of two siblings gets no message."""
    return takers(earlier, later, above=above) == ("0",)


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
    assert shadows(earlier, later)


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
        ({"labels.a": {"regex": "^a"}}, {"labels.a": {"regex": "^ab"}}),
        ({"labels.a": {"regex": "^a"}}, {"labels.a": {"prefix": "a"}}),
        ({"labels.a": "x"}, {"labels.b": "x"}),
    ],
)
def test_a_route_that_may_get_a_message_is_not_called_shadowed(
    earlier: Match, later: Match | None
) -> None:
    assert not shadows(earlier, later)


def test_what_the_routes_above_ask_for_counts() -> None:
    assert shadows({"kind": "otp"}, None, above={"kind": "otp"})
    assert not shadows({"kind": "otp"}, None, above={"country": "CN"})


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ([{"kind": "otp"}, {"kind": "notice"}, {"kind": "marketing"}], None),
        ([{"kind": "otp"}, {"kind": {"not": "otp"}}], {"labels.a": "x"}),
        ([{"sender": {"exists": True}}, {"sender": {"exists": False}}], None),
        ([{"sender": "s"}, {"sender": {"not": "s"}}], {"kind": "otp"}),
        ([{"labels.a": "x"}, {"labels.a": "y"}], {"labels.a": {"in": ["x", "y"]}}),
        ([{"labels.a": {"regex": "x"}}, {"labels.a": {"not": "xy"}}], None),
        ([{"sender": {"prefix": "s"}}, {"sender": {"not": ["sa", "sb"]}}], None),
        ([{"channel": "sms"}, {"channel": "voice"}], {"country": "CN"}),
        (
            [
                {"kind": "otp", "labels.a": "x"},
                {"kind": "otp", "labels.a": {"not": "x"}},
            ],
            {"kind": "otp"},
        ),
        (
            [{"kind": "otp"}, {"labels.a": "x"}],
            {"kind": {"in": ["otp", "notice"]}, "labels.a": "x"},
        ),
    ],
)
def test_several_routes_may_take_all_of_one_together(
    earlier: list[Match], later: Match | None
) -> None:
    assert takers(*earlier, later)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ([{"kind": "otp"}, {"kind": "notice"}], None),
        ([{"labels.a": "x"}, {"labels.a": {"not": ["x", "y"]}}], None),
        ([{"sender": {"prefix": "s"}}, {"sender": {"not": ["t", "s"]}}], None),
        ([{"labels.a": "x"}, {"labels.b": {"not": "x"}}], None),
        ([{"channel": "sms"}, {"channel": "email"}], {"country": "CN"}),
        ([{"sender": {"exists": True}}, {"labels.a": {"exists": False}}], None),
        ([{"labels.a": {"regex": "x"}}, {"labels.a": {"regex": "[^x]"}}], None),
    ],
)
def test_what_several_routes_leave_is_not_called_shadowed(
    earlier: list[Match], later: Match | None
) -> None:
    assert takers(*earlier, later) == ()


def test_only_the_routes_that_are_needed_are_named() -> None:
    x, y = {"labels.a": "x"}, {"labels.a": "y"}
    later = {"kind": "otp", "labels.a": {"in": ["x", "y"]}}

    assert takers(x, {"kind": "otp"}, later) == ("1",)
    assert {*takers(x, {"kind": "notice"}, y, later)} == {"0", "2"}


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ({"channel": {"in": ["sms", "voice"]}}, {"country": "CN"}),
        ({"channel": {"in": ["sms", "voice"]}}, {"prefix": "86"}),
        ({"prefix": "86"}, {"country": "CN"}),
        ({"country": "CN"}, {"prefix": "86"}),
        ({"recipient": {"prefix": "+86"}}, {"country": "CN"}),
        ({"channel": "email"}, {"recipient": "jane@example.com"}),
        ({"channel": "webhook"}, {"recipient": "billing"}),
        ({"kind": "otp"}, {"template": "ab"}),
        ({"kind": "otp"}, {"template": {"prefix": "b"}}),
        ({"kind": "otp"}, {"template": {"regex": "^ab$"}}),
        ({"recipient": {"exists": True}}, None),
    ],
)
def test_what_one_field_says_of_another_counts(
    earlier: Match, later: Match | None
) -> None:
    assert shadows(earlier, later)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ({"country": "US"}, {"prefix": "1"}),
        ({"channel": "sms"}, {"country": "CN"}),
        ({"kind": "otp"}, {"template": {"prefix": "a"}}),
        ({"template": {"in": ["a", "ab", "b"]}}, {"kind": "otp"}),
        ({"recipient": {"prefix": "+86"}}, {"channel": "email"}),
    ],
)
def test_what_one_field_leaves_open_of_another_counts_too(
    earlier: Match, later: Match
) -> None:
    assert not shadows(earlier, later)


def test_what_comes_before_a_route_above_counts() -> None:
    below = {"name": "below", "match": {"country": "CN"}}

    found = never_taken(
        {"name": "mainland", "match": {"country": "CN", "kind": "otp"}},
        {"name": "codes", "match": {"kind": "otp"}, "routes": [below]},
        {"name": "others", "routes": [{**below, "name": "left"}]},
    )

    assert {name: told.taken_by for name, told in found.items()} == {
        "below": ("mainland",)
    }


def test_routes_below_one_that_is_not_taken_are_not_told_too() -> None:
    below = {"name": "below", "match": {"country": "CN"}}

    found = never_taken(
        {"name": "codes", "match": {"kind": "otp"}},
        {"name": "again", "match": {"kind": "otp"}, "routes": [below]},
    )

    assert list(found) == ["again"]


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
    told = never_taken({"name": "x", "match": match})["x"]

    assert (told.clash, told.is_own) == ((field,), True)


@pytest.mark.parametrize(
    ("match", "fields"),
    [
        ({"channel": "email", "country": "CN"}, ("channel", "country")),
        ({"channel": "webhook", "prefix": "86"}, ("channel", "prefix")),
        ({"country": "CN", "prefix": "1"}, ("country", "prefix")),
        ({"country": {"exists": True}, "channel": "email"}, ("channel", "country")),
        ({"recipient": "+8613800138000", "country": "US"}, ("country", "recipient")),
        ({"recipient": {"prefix": "+86"}, "prefix": "1"}, ("prefix", "recipient")),
        ({"recipient": "jane@example.com", "channel": "sms"}, ("channel", "recipient")),
        ({"recipient": "billing", "channel": "email"}, ("channel", "recipient")),
        ({"recipient": {"not": "x", "prefix": "j"}, "country": "CN"}, None),
        ({"template": "ab", "kind": "notice"}, ("template", "kind")),
        ({"template": {"prefix": "b"}, "kind": "marketing"}, ("template", "kind")),
        ({"template": {"prefix": "login-"}}, ("template",)),
    ],
)
def test_fields_that_exclude_each_other_are_found(
    match: Match, fields: tuple[str, ...] | None
) -> None:
    told = never_taken({"name": "x", "match": match})["x"]

    assert told.clash == (fields or ("country", "recipient"))


def test_conditions_of_a_route_and_those_above_it_are_taken_together() -> None:
    below = {"name": "below", "match": {"recipient": {"prefix": "+1"}}}
    above = {"name": "above", "match": {"recipient": {"prefix": "+86"}}}

    found = never_taken({**above, "routes": [below]})

    assert list(found) == ["below"]
    assert found["below"].clash == ("recipient",)
    assert not found["below"].is_own


@pytest.mark.parametrize(
    "match",
    [
        {
            "kind": {"not": "otp"},
            "sender": {"not": "s", "prefix": "s"},
            "recipient": {"prefix": "+86", "regex": "8$"},
            "locale": {"exists": False, "not": "en"},
        },
        {"country": {"exists": False}, "prefix": "800"},
        {"country": {"exists": False}, "channel": "email"},
        {"country": {"not": "CN"}, "recipient": {"prefix": "j"}},
        {"recipient": {"prefix": "+8"}, "country": "CN"},
        {"recipient": {"prefix": "+1"}, "channel": "email"},
        {"template": {"prefix": "ab"}, "kind": "notice"},
        {"kind": "marketing"},
    ],
)
def test_conditions_that_some_message_satisfies_are_not_called_contradictory(
    match: Match,
) -> None:
    assert never_taken({"name": "x", "match": match}) == {}


@pytest.mark.parametrize(
    ("match", "above", "field"),
    [
        ({"sender": {"prefix": "a"}}, {"sender": {"prefix": "b"}}, "sender"),
        ({"labels.a": {"prefix": "x"}}, {"labels.a": {"prefix": "y"}}, "labels.a"),
    ],
)
def test_beginnings_that_exclude_each_other_are_found(
    match: Match, above: Match, field: str
) -> None:
    below = {"name": "below", "match": match}

    told = never_taken({"name": "above", "match": above, "routes": [below]})["below"]

    assert (told.clash, told.is_own) == ((field,), False)


def test_a_route_of_an_expression_shadows_the_next_of_the_same() -> None:
    found = takers({"labels.a": {"regex": "x"}}, {"labels.a": {"regex": "x"}})

    assert found == ("0",)


def test_what_lacks_a_recipient_is_no_message() -> None:
    told = never_taken({"name": "x", "match": {"recipient": {"exists": False}}})["x"]

    assert told.clash == ("recipient",)


def test_what_takes_too_long_to_compare_is_not_told_but_that_it_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    routes = [
        {"name": f"r{n}", "match": {f"labels.l{n}": {"exists": True}}} for n in range(3)
    ]
    same = {**routes[0], "name": "same"}
    given, known = tree(*routes[1:], routes[0], same), relations(TEMPLATES)
    whole = reach(given.routes, known)
    monkeypatch.setattr(shadowing, "_MOST", 1)
    monkeypatch.setattr(shadowing, "_LEAST", 1)

    cut_short = reach(given.routes, known)

    assert [told.route.route.name for told in whole.unreached] == ["same"]
    assert whole.unsure == ()
    assert not cut_short.unreached
    assert [placed.route.name for placed in cut_short.unsure] == ["r2", "r0", "same"]
