"""The table of the vendor's codes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notify_ihuyi.codes import CODES, next_midnight, one_second_later

from notify_core.model.outcome import Outcome, Reason, Scope
from notify_core.provider import coded_answer

NOW = datetime(2026, 1, 1, 15, 30, tzinfo=UTC)  # 23:30 in Shanghai
TABLE = {
    "0": Reason.PROVIDER_ERROR,
    "2": Reason.NONE,
    "400": Reason.ACCESS_DENIED,
    "401": Reason.INVALID_REQUEST,
    "402": Reason.INVALID_REQUEST,
    "403": Reason.INVALID_REQUEST,
    "4030": Reason.RECIPIENT_BLOCKED,
    "404": Reason.CONTENT_INVALID,
    "405": Reason.AUTH_FAILED,
    "4050": Reason.ACCESS_DENIED,
    "40501": Reason.AUTH_FAILED,
    "40502": Reason.AUTH_FAILED,
    "4051": Reason.INSUFFICIENT_BALANCE,
    "4052": Reason.ACCESS_DENIED,
    "4053": Reason.AUTH_FAILED,
    "406": Reason.RECIPIENT_INVALID,
    "407": Reason.CONTENT_REJECTED,
    "4070": Reason.SENDER_REJECTED,
    "4071": Reason.TEMPLATE_REJECTED,
    "4072": Reason.TEMPLATE_REJECTED,
    "40722": Reason.TEMPLATE_PARAMS_INVALID,
    "4073": Reason.CONTENT_INVALID,
    "4074": Reason.CONTENT_INVALID,
    "4075": Reason.SENDER_REJECTED,
    "408": Reason.RECIPIENT_RATE_LIMITED,
    "4080": Reason.RECIPIENT_RATE_LIMITED,
    "4082": Reason.RECIPIENT_RATE_LIMITED,
    "4084": Reason.RECIPIENT_RATE_LIMITED,
    "4085": Reason.RECIPIENT_RATE_LIMITED,
    "4086": Reason.RECIPIENT_RATE_LIMITED,
}


def answer(code):
    return coded_answer(CODES.get(code), code, text="as the vendor said", now=NOW)


def test_every_code_has_the_reason_that_the_vendors_words_call_for():
    assert {code: meaning.reason for code, meaning in CODES.items()} == TABLE


def test_only_code_2_is_accepted():
    accepted = {code for code in CODES if answer(code).outcome is Outcome.ACCEPTED}

    assert accepted == {"2"}


def test_a_signature_or_template_that_is_not_filed_concerns_every_message():
    wide = {code for code, meaning in CODES.items() if meaning.scope is Scope.UNIT}

    assert wide == {"4070", "4071", "4075"}


def test_only_an_expired_password_is_worth_a_fresh_request():
    repeatable = {code for code, meaning in CODES.items() if meaning.repeatable}

    assert repeatable == {"40501"}
    assert "clock" in (CODES["40501"].advice or "")


@pytest.mark.parametrize(
    ("code", "retry_at"),
    [
        ("4080", NOW + timedelta(seconds=1)),
        ("4082", datetime(2026, 1, 1, 16, tzinfo=UTC)),
        ("4085", datetime(2026, 1, 1, 16, tzinfo=UTC)),
        ("408", None),
        ("4084", None),
        ("4086", None),
        ("4051", None),
    ],
)
def test_a_limit_says_when_it_ends_where_that_is_known(code, retry_at):
    assert answer(code).retry_at == retry_at


@pytest.mark.parametrize("code", ["4010", "4013", "9999", "-1"])
def test_a_code_that_nobody_documents_is_unmapped_and_kept(code):
    refused = answer(code)

    assert (refused.outcome, refused.reason) == (Outcome.REJECTED, Reason.UNMAPPED)
    assert (refused.code, refused.text) == (code, "as the vendor said")


@given(
    st.datetimes(
        datetime(1992, 1, 1),
        datetime(2100, 1, 1),
        timezones=st.just(UTC),
    )
)
def test_the_vendors_day_ends_within_24_hours_at_midnight_in_shanghai(now):
    end = next_midnight(now)

    local = end.astimezone(ZoneInfo("Asia/Shanghai"))
    assert timedelta(0) < end - now <= timedelta(days=1)
    assert (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)
    assert one_second_later(now) - now == timedelta(seconds=1)
