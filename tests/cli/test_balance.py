from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Notify

THREE = """
version: 1
providers:
  first: {type: fake}
  mute:
    type: acme
    settings: {base_url: "http://127.0.0.1:9", key: {env: FIRST_TOKEN}}
  sick: {type: broke}
pools: {all: {members: [first, mute, sick]}}
routes: {pool: all}
"""


@pytest.fixture
def three(notify: Notify) -> Notify:
    Path("notify.yaml").write_text(THREE)
    return notify


def test_the_balance_of_all_providers_is_shown(three: Notify) -> None:
    ended = three("balance")

    assert ended.output.splitlines() == [
        "  first  100 messages",
        "  mute   its vendor tells no balance",
        "  sick   HTTP 500 without a balance",
    ]


def test_one_balance_that_cannot_be_had_makes_it_end_with_1(three: Notify) -> None:
    assert three("balance").exit_code == 1
    assert three("balance", "sick").exit_code == 1
    assert three("balance", "first").exit_code == 0


def test_a_vendor_without_balances_is_a_failure_only_by_name(notify: Notify) -> None:
    Path("notify.yaml").write_text(
        THREE.replace(", sick]", "]").replace("broke", "fake")
    )

    assert notify("balance").exit_code == 0
    assert notify("balance", "mute").exit_code == 1


def test_balances_are_json(three: Notify) -> None:
    ended = three("balance", "first", "sick", "--json")

    first, sick = json.loads(ended.stdout)["balances"]
    assert first["balance"] == {"amount": "100", "unit": "messages"}
    assert (sick["balance"], sick["failed"]) == (None, True)


def test_an_unknown_provider_is_answered_with_the_nearest(three: Notify) -> None:
    ended = three("balance", "frist")

    assert ended.exit_code == 3
    assert "no provider 'frist'; did you mean 'first'?" in ended.stderr
