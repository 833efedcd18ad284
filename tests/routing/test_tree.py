"""The first route that matches takes a message, and below it the same again."""

import pytest

from notify_core.errors import InvalidMessage
from notify_core.model.channel import Kind
from notify_core.routing.route import Route
from notify_core.routing.tree import Miss, Step
from tests.builders import record
from tests.routing.trees import chosen, facts, tree

OTP = {"name": "otp", "match": {"kind": "otp"}}
MAINLAND = {"name": "mainland", "match": {"country": "CN"}}


def test_a_message_that_no_route_below_matches_takes_the_root() -> None:
    given = tree(OTP)

    assert given.choose(facts(kind=Kind.NOTICE)) is given.root


def test_the_first_that_matches_takes_it_and_no_later_one() -> None:
    assert chosen(tree(OTP, MAINLAND)) == "otp"
    assert chosen(tree(MAINLAND, OTP)) == "mainland"


def test_the_first_of_very_many_that_may_match_takes_it() -> None:
    others = [{"name": f"r{n}", "match": {"kind": "otp"}} for n in range(40)]
    first = {"name": "first", "match": {"labels.tenant": "a1"}}

    assert chosen(tree(first, *others), labels={"tenant": "a1"}) == "first"


def test_a_message_is_asked_for_each_of_its_labels() -> None:
    routes = [{"name": f"by-{n}", "match": {f"labels.{n}": "x"}} for n in "ab"]

    assert chosen(tree(*routes), labels={"a": "y", "b": "x"}) == "by-b"
    assert chosen(tree(*routes), labels={"b": "x", "a": "x"}) == "by-a"


def test_below_a_route_the_same_is_asked_again() -> None:
    given = tree({**OTP, "routes": [MAINLAND]})

    assert chosen(given) == "mainland"
    assert chosen(given, kind=Kind.NOTICE) == "root"


def test_a_route_keeps_what_none_below_it_takes_and_no_sibling_gets_it() -> None:
    other = {"name": "other", "match": {"country": "US"}}

    assert chosen(tree({**OTP, "routes": [other]}, MAINLAND)) == "otp"


def test_a_route_without_a_match_takes_all_that_is_left() -> None:
    given = tree(OTP, {"name": "rest"}, MAINLAND)

    assert chosen(given) == "otp"
    assert chosen(given, kind=Kind.NOTICE) == "rest"


def test_a_recorded_message_takes_the_route_that_it_took_before() -> None:
    assert tree(OTP).choose(record()).name == "otp"


def test_a_message_may_name_a_route_and_takes_it_without_any_match() -> None:
    given = tree({"name": "notices", "match": {"kind": "notice"}})

    assert chosen(given, route="notices") == "notices"
    assert chosen(given, route="root") == "root"


def test_a_route_that_no_message_may_name_says_so() -> None:
    given = tree({**OTP, "by_name": False})

    with pytest.raises(InvalidMessage) as raised:
        given.choose(facts(route="otp"))

    assert str(raised.value) == (
        "route route 'otp' says by_name: false, so that no message may name it"
    )
    assert [problem.pointer for problem in raised.value.problems] == ["/route"]


def test_an_unknown_route_is_answered_with_the_nearest_that_may_be_named() -> None:
    given = tree(OTP, {**MAINLAND, "by_name": False})

    with pytest.raises(InvalidMessage, match="no route 'opt'; did you mean 'otp'"):
        given.choose(facts(route="opt"))
    with pytest.raises(InvalidMessage, match=r"there are: otp, root$"):
        given.explain(facts(route="mainlnd"))


def test_a_closed_route_takes_its_messages_by_match_all_the_same() -> None:
    assert chosen(tree({**OTP, "by_name": False})) == "otp"


# What routes take from above.


def test_a_route_has_from_above_what_it_does_not_say() -> None:
    given = tree(OTP, pool="a", policy="strict", free_text=True, by_name=False)

    otp = given.by_name["otp"]

    assert (otp.pool.name, otp.policy.name) == ("a", "strict")
    assert (otp.free_text, otp.by_name) == (True, False)


def test_what_a_route_says_holds_for_it_and_for_those_below() -> None:
    own = {"pool": "b", "policy": "own", "free_text": False, "by_name": True}
    given = tree(
        {**OTP, **own, "routes": [MAINLAND]},
        pool="a",
        policy="strict",
        free_text=True,
        by_name=False,
    )

    for name in ("otp", "mainland"):
        route = given.by_name[name]
        assert (route.pool.name, route.policy.name) == ("b", "own")
        assert (route.free_text, route.by_name) == (False, True)


def test_null_goes_back_to_the_default() -> None:
    nothing = {"policy": None, "free_text": None, "by_name": None}
    given = tree({**OTP, **nothing}, policy="strict", free_text=True, by_name=False)

    otp = given.by_name["otp"]

    assert otp.policy.name == "default"
    assert (otp.free_text, otp.by_name) == (False, True)


def test_each_setting_tells_the_route_in_which_it_was_written() -> None:
    given = tree({**OTP, "policy": None, "routes": [MAINLAND]}, free_text=True)

    origins = {placed.route.name: placed.origins for placed in given.routes}

    assert origins["root"] == {"pool": "root", "free_text": "root"}
    assert origins["mainland"] == {
        "pool": "root",
        "policy": "otp",
        "free_text": "root",
    }


def test_all_routes_are_listed_in_their_order_with_their_place() -> None:
    given = tree({**OTP, "routes": [MAINLAND]}, {"name": "rest"}, name="all")

    listed = [(p.route.name, p.parent, p.depth) for p in given.routes]

    assert listed == [
        ("all", None, 0),
        ("otp", "all", 1),
        ("mainland", "otp", 2),
        ("rest", "all", 1),
    ]
    assert [str(c) for c in given.routes[2].conditions] == ["otp", "CN"]


def test_a_tree_of_one_route_can_be_made_of_the_route_alone() -> None:
    route: Route = tree().root

    assert tree().by_name == {"root": route}


# Why.


def test_the_way_is_told_with_what_each_route_before_it_lacked() -> None:
    given = tree(
        {"name": "us", "match": {"kind": "otp", "country": "US"}},
        {
            **OTP,
            "routes": [
                {"name": "a1", "match": {"labels.tenant": {"in": ["a1", "a2"]}}},
                {"name": "a3", "match": {"labels.tenant": {"prefix": "a"}}},
            ],
        },
        {"name": "late"},
    )

    steps = given.explain(facts(labels={"tenant": "b1"}))

    assert steps == (
        Step(
            route="root",
            missed=(Miss("us", "country", "US", "CN"),),
        ),
        Step(
            route="otp",
            missed=(
                Miss("a1", "labels.tenant", "one of a1, a2", "b1"),
                Miss("a3", "labels.tenant", "a…", "b1"),
            ),
        ),
    )


def test_the_way_shows_no_address() -> None:
    given = tree(
        {"name": "one", "match": {"recipient": "+8613900139000"}},
        {"name": "two", "match": {"sender": {"exists": True}}},
    )

    [step] = given.explain(facts())

    assert step.missed == (
        Miss("one", "recipient", "+86139****9000", "+86138****8000"),
        Miss("two", "sender", "any value", None),
    )


def test_the_way_of_a_message_that_names_its_route_is_that_route() -> None:
    steps = tree(OTP).explain(facts(route="otp"))

    assert steps == (Step(route="otp", is_named=True),)
