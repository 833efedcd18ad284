"""What a message would be billed as is told before it is sent."""

from decimal import Decimal
from typing import Any

import attrs
import pytest

from notify_core.estimate import Estimate, billed_segments, estimate
from notify_core.model.channel import Channel, Kind
from notify_core.model.price import Price
from notify_core.model.segments import Encoding
from notify_core.provider import BoundTemplate, Submission
from notify_core.testing import FakeVendor
from tests.builders import PHONE, provider

ACCOUNT = provider(FakeVendor())
PRICE = Price(per_segment=Decimal("0.045"), currency="CNY")


def submission(text: str | None = "Hello", **fields: Any) -> Submission:
    usual = {"recipient": PHONE, "channel": Channel.SMS, "kind": Kind.OTP}
    return Submission(message="m", reference="m", text=text, **{**usual, **fields})


def counting(parts: int) -> Any:
    vendor = attrs.evolve(ACCOUNT.type, segments=lambda *_: parts)
    return attrs.evolve(ACCOUNT, type=vendor)


def test_without_a_count_of_its_own_a_provider_counts_as_the_standard() -> None:
    plain = attrs.evolve(ACCOUNT, type=attrs.evolve(ACCOUNT.type, segments=None))

    found = estimate(plain, submission("x" * 161))

    assert found == Estimate(segments=2, encoding=Encoding.GSM_7)


def test_a_providers_own_count_and_the_price_make_the_cost() -> None:
    priced = attrs.evolve(counting(3), price=PRICE)

    found = estimate(priced, submission("您好"))

    assert found == Estimate(
        segments=3, encoding=Encoding.UCS_2, cost=Decimal("0.135"), currency="CNY"
    )


@pytest.mark.parametrize(
    ("text", "fields", "parts"),
    [
        (None, {"template": BoundTemplate(id="1", params=(("a", "x" * 200),))}, 2),
        (None, {}, 1),
        ("x" * 500, {"channel": Channel.EMAIL}, 1),
    ],
    ids=["variables", "nothing", "no SMS"],
)
def test_what_has_no_text_or_is_no_sms_is_counted_too(
    text: str | None, fields: dict[str, Any], parts: int
) -> None:
    plain = attrs.evolve(ACCOUNT, type=attrs.evolve(ACCOUNT.type, segments=None))

    assert billed_segments(plain, submission(text, **fields)) == parts
    assert estimate(plain, submission(text, **fields)).encoding is None
