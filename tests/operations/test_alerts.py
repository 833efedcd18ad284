"""Alerts and queries name metrics, labels and values that there are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry

from notify_core import Metrics
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.status import AttemptState, Status
from notify_core.server.problem import Kind
from tests.operations.commands import DOCS, OPERATIONS

RULES = yaml.safe_load((OPERATIONS / "alerts.yaml").read_text("utf-8"))["groups"][0]
#: Labels with values that the code has a list of.
VALUES: Mapping[str, frozenset[str]] = {
    "reason": frozenset(Reason),
    "outcome": frozenset(Outcome),
    "status": frozenset(Status) | frozenset(AttemptState),
    "type": frozenset(kind.label for kind in Kind),
    "kind": frozenset({"otp", "notice", "marketing"}),
    "match": frozenset(["id", "reference", "inferred", "parked", "mismatch", "late"]),
}
_NAME = re.compile(r"notify_\w+")
_SELECTOR = re.compile(r"(notify_\w+)\{([^}]*)\}")
_MATCHER = re.compile(r'(\w+)(?:=~|!=|=)"([^"]*)"')
_GROUPING = re.compile(r"\b(?:by|without) \(([^)]*)\)")
#: What the library adds.
_SUFFIXES = "_bucket"


def labels_of() -> dict[str, set[str]]:
    """Return every metric's labels, by the name that a query has for it."""
    page = (DOCS / "metrics.md").read_text("utf-8")
    rows = re.findall(r"^\| `(notify_\w+)` \| ([^|]*)\|", page, re.MULTILINE)
    return {name: set(re.findall(r"\w+", labels)) for name, labels in rows}


def expressions() -> list[tuple[str, str]]:
    page = (OPERATIONS / "watch.md").read_text("utf-8")
    queries = re.findall(r"^\| ([^|]+\?) \| `(.+)` \|$", page, re.MULTILINE)
    return [(rule["alert"], rule["expr"]) for rule in RULES["rules"]] + queries


def test_the_page_of_metrics_has_their_labels() -> None:
    metrics = Metrics(CollectorRegistry())
    # Asked of the library's insides: what has no value yet shows no labels.
    collectors: Any = vars(metrics.registry)["_names_to_collectors"]
    declared = {c._name: set(c._labelnames) for c in collectors.values()}

    documented = {
        re.sub(r"_(total|info)$", "", name): labels - {"hash"}
        for name, labels in labels_of().items()
    }

    assert documented == declared


@pytest.mark.parametrize(("name", "query"), expressions())
def test_a_query_names_what_there_is(name: str, query: str) -> None:
    known = labels_of()
    used = {found.removesuffix(_SUFFIXES) for found in _NAME.findall(query)}

    assert used <= set(known)
    for metric, matchers in _SELECTOR.findall(query):
        for label, value in _MATCHER.findall(matchers):
            assert label in known[metric.removesuffix(_SUFFIXES)], (name, label)
            assert set(value.split("|")) <= VALUES[label], (name, value)
    grouped = {label for part in _GROUPING.findall(query) for label in part.split(", ")}
    assert grouped - {"le"} <= set().union(*(known[metric] for metric in used))


@pytest.mark.parametrize("rule", RULES["rules"], ids=lambda rule: rule["alert"])
def test_an_alert_says_how_urgent_it_is_and_shows_labels_that_it_has(
    rule: dict[str, dict[str, str]],
) -> None:
    summary = rule["annotations"]["summary"]

    grouped = {
        x for part in _GROUPING.findall(str(rule["expr"])) for x in part.split(", ")
    }

    assert rule["labels"]["severity"] in ("page", "ticket")
    assert set(re.findall(r"\$labels\.(\w+)", summary)) <= grouped
