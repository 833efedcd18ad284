"""Whatever the tree and the message: one route, and always the same."""

from collections.abc import Iterable, Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from notify_core.model.channel import Channel, Importance, Kind
from notify_core.model.checked import CheckedMessage
from notify_core.model.recipient import Email, Endpoint, Phone, Recipient
from notify_core.routing.branch import Branch
from notify_core.routing.relation import relations
from notify_core.routing.shadowing import reach
from notify_core.routing.traits import Traits
from notify_core.routing.tree import RoutingTree
from tests.routing.trees import facts, tree

many = settings(deadline=None, max_examples=100)

#: Few values, so that conditions meet messages.
VALUES: dict[str, list[str]] = {
    "channel": ["sms", "voice", "email"],
    "kind": ["otp", "notice"],
    "template": ["xa", "xb"],
    "country": ["CN", "US"],
    "prefix": ["86", "1"],
    "recipient": ["+8613800138000", "jane@example.com", "x-billing"],
    "importance": ["normal", "critical"],
    "sender": ["s", "s2"],
    "labels.a": ["x", "xy", "z"],
    "labels.b": ["x", "y"],
}
HEADS = ["+", "+86", "+861", "j", "o", "x", "s"]


def comparisons(values: list[str]) -> st.SearchStrategy[Any]:
    value = st.sampled_from(values)
    several = st.lists(value, min_size=1, max_size=2, unique=True)
    return value | st.fixed_dictionaries(
        {},
        optional={
            "eq": value,
            "in": several,
            "not": value | several,
            "prefix": st.sampled_from(HEADS),
            "regex": st.sampled_from(["^x", "1", "y$"]),
            "exists": st.booleans(),
        },
    ).filter(bool)


def asking(fields: list[str]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({name: comparisons(VALUES[name]) for name in fields})


#: Few conditions each, so that they are often met.
matches = st.lists(st.sampled_from(list(VALUES)), max_size=3, unique=True).flatmap(
    asking
)


def node_of(match: Any, routes: list[dict[str, Any]]) -> dict[str, Any]:
    return {"match": match, "routes": routes}


leaves = st.builds(node_of, matches, st.just([]))
nodes = st.builds(node_of, matches, st.lists(leaves, max_size=2))
roots = st.lists(nodes, max_size=7)
PLACES: list[tuple[Channel, Recipient]] = [
    (Channel.SMS, Phone("+8613800138000", "86", "CN")),
    (Channel.VOICE, Phone("+12025550100", "1", "US")),
    (Channel.EMAIL, Email("jane@example.com")),
    (Channel.WEBHOOK, Endpoint("x-billing")),
]
#: By the template's name; a text without a template may be of any kind.
KINDS = {"xa": Kind.OTP, "xb": Kind.NOTICE}


def message_of(
    place: tuple[Channel, Recipient], template: tuple[str | None, Kind], **fields: Any
) -> CheckedMessage:
    channel, recipient = place
    name, kind = template
    return facts(
        channel=channel, recipient=recipient, template=name, kind=kind, **fields
    )


messages = st.builds(
    message_of,
    st.sampled_from(PLACES),
    st.sampled_from([*KINDS.items(), (None, Kind.OTP), (None, Kind.NOTICE)]),
    importance=st.sampled_from([Importance.NORMAL, Importance.CRITICAL]),
    sender=st.none() | st.sampled_from(VALUES["sender"]),
    labels=st.fixed_dictionaries(
        {},
        optional={
            "a": st.sampled_from(VALUES["labels.a"]),
            "b": st.sampled_from(VALUES["labels.b"]),
        },
    ),
)


def named(written: Iterable[dict[str, Any]], counted: Iterator[int]) -> list[Any]:
    return [
        {
            **node,
            "name": f"r{next(counted)}",
            "routes": named(node.get("routes", ()), counted),
        }
        for node in written
    ]


def grown(written: list[dict[str, Any]]) -> RoutingTree:
    return tree(*named(written, iter(range(10_000))))


def scanned(given_tree: RoutingTree, message: CheckedMessage) -> str:
    """Return the route that is found by asking every sibling in its order."""
    name, branches = given_tree.root.name, given_tree.branches
    while True:
        fitting: list[Branch] = [b for b in branches if b.match.holds(Traits(message))]
        if not fitting:
            return name
        name, branches = fitting[0].route.name, fitting[0].branches


@many
@given(roots, st.lists(messages, min_size=2, max_size=5))
def test_the_index_finds_what_a_scan_of_all_siblings_finds(
    written: list[dict[str, Any]], given_messages: list[CheckedMessage]
) -> None:
    given_tree = grown(written)

    found = [given_tree.choose(message) for message in given_messages]

    assert [r.name for r in found] == [scanned(given_tree, m) for m in given_messages]
    assert all(route is given_tree.by_name[route.name] for route in found)


@many
@given(roots, messages)
def test_every_message_takes_exactly_one_route_and_the_way_leads_there(
    written: list[dict[str, Any]], message: CheckedMessage
) -> None:
    given_tree = grown(written)
    parents = {placed.route.name: placed.parent for placed in given_tree.routes}

    steps = given_tree.explain(message)

    way = [step.route for step in steps]
    assert way[-1] == given_tree.choose(message).name
    assert [parents[name] for name in way] == [None, *way[:-1]]


@settings(max_examples=80, deadline=None)
@given(roots, st.lists(messages, min_size=5, max_size=20))
def test_a_route_that_is_told_to_take_nothing_takes_nothing(
    written: list[dict[str, Any]], given_messages: list[CheckedMessage]
) -> None:
    given_tree = grown(written)
    told = reach(given_tree.routes, relations(KINDS)).unreached
    never = {found.route.route.name for found in told}

    taken = {given_tree.choose(message).name for message in given_messages}

    assert taken.isdisjoint(never)
