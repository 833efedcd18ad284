"""What a reload keeps of the health of providers, and what a balance says of it."""

from decimal import Decimal

import attrs
import pytest

from notify_core.model.health import HealthState
from notify_core.model.outcome import Reason
from notify_core.model.receipt import Balance
from notify_core.routing.health.settings import HealthSettings
from notify_core.secret import Secret
from tests.routing.ward import Ward

OK, PROBING, RESTING = HealthState.OK, HealthState.PROBING, HealthState.RESTING


@pytest.fixture
def ward() -> Ward:
    return Ward()


def with_key(ward: Ward, key: str) -> None:
    """Reload with another key for `a`."""
    changed = attrs.evolve(ward.providers["a"], settings={"token": Secret(key)})
    ward.health.reload({**ward.providers, "a": changed})


# A reload.


def test_a_reload_keeps_the_state_of_a_provider_that_did_not_change(
    ward: Ward,
) -> None:
    with_key(ward, "first")
    ward.answers("a", Reason.AUTH_FAILED)
    with_key(ward, "first")

    assert ward.rests_for("a") == 300
    assert ward.told("a") == [RESTING]


def test_a_provider_with_another_key_is_tried_at_once(ward: Ward) -> None:
    with_key(ward, "wrong")
    ward.answers("a", Reason.AUTH_FAILED)
    ward.answers("b", Reason.AUTH_FAILED)
    with_key(ward, "right")

    assert ward.rest("a") is None
    assert ward.rests_for("b") == 300
    assert ward.told("a") == [RESTING, OK]


def test_an_answer_to_the_old_key_says_nothing_of_the_new_one(ward: Ward) -> None:
    begun = ward.clock.now()
    ward.clock.advance(1)
    with_key(ward, "right")
    ward.answers("a", Reason.AUTH_FAILED, started_at=begun)

    assert ward.rest("a") is None


def test_a_provider_that_is_gone_is_forgotten(ward: Ward) -> None:
    ward.answers("a", Reason.AUTH_FAILED)
    ward.health.reload({"b": ward.providers["b"]})
    ward.answers("a", Reason.AUTH_FAILED)
    ward.health.reload(ward.providers)

    assert ward.rest("a") is None
    assert ward.health.to_ask() == ()
    assert ward.told("a") == [RESTING]


def test_other_health_settings_hold_from_then_on_and_keep_the_state(
    ward: Ward,
) -> None:
    ward.answers("a", Reason.CONNECT_FAILED)
    stricter = HealthSettings(failures=2)
    ward.health.reload(
        {name: attrs.evolve(p, health=stricter) for name, p in ward.providers.items()}
    )
    ward.answers("a", Reason.CONNECT_FAILED)

    assert ward.rests_for("a") == 30


# A balance.


def left(amount: str) -> Balance:
    return Balance(amount=Decimal(amount), unit="CNY")


def test_credit_ends_the_rest_of_an_account_without_credit(ward: Ward) -> None:
    ward.answers("a", Reason.INSUFFICIENT_BALANCE)
    ward.health.take_balance("a", left("0.01"))

    assert ward.rest("a") is None
    assert ward.told() == [RESTING, OK]
    assert not ward.health.wants_balance.is_set()


def test_no_credit_puts_the_rest_off(ward: Ward) -> None:
    ward.answers("a", Reason.INSUFFICIENT_BALANCE)
    ward.clock.advance(299)
    ward.health.take_balance("a", left("0"))

    assert ward.rests_for("a") == 300
    assert ward.told() == [RESTING]


def test_a_provider_that_is_tried_rests_on_when_there_is_no_credit(
    ward: Ward,
) -> None:
    ward.answers("a", Reason.INSUFFICIENT_BALANCE)
    ward.clock.advance(300)
    ward.enter("a")
    ward.health.take_balance("a", left("0"))

    assert ward.told() == [RESTING, PROBING, RESTING]


@pytest.mark.parametrize("reason", [Reason.AUTH_FAILED, Reason.ACCESS_DENIED], ids=str)
def test_a_vendor_that_tells_any_balance_lets_us_in(ward: Ward, reason: Reason) -> None:
    ward.answers("a", reason)
    ward.health.take_balance("a", left("0"))

    assert ward.rest("a") is None


@pytest.mark.parametrize(
    "reason", [Reason.QUOTA_EXHAUSTED, Reason.CONNECT_FAILED], ids=str
)
def test_a_balance_says_nothing_of_other_faults(ward: Ward, reason: Reason) -> None:
    ward.answers("a", *[reason] * 5)
    ward.health.take_balance("a", left("100"))

    assert ward.rest("a") is not None
    assert ward.health.to_ask() == ()


def test_a_balance_of_a_provider_that_is_well_changes_nothing(ward: Ward) -> None:
    ward.health.take_balance("a", left("0"))

    assert ward.rest("a") is None
    assert ward.events == []
