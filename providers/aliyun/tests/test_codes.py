"""The table of the vendor's codes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notify_aliyun.codes import CODES, delivery, known_code, limit_ends

from notify_core.model.outcome import Reason, Scope
from notify_core.model.status import AttemptState

NOW = datetime(2026, 1, 1, 15, 30, 20, 5, tzinfo=UTC)
TABLE = {
    Reason.NONE: {"OK"},
    Reason.RECIPIENT_RATE_LIMITED: {"isv.BUSINESS_LIMIT_CONTROL"},
    Reason.RECIPIENT_INVALID: {"isv.MOBILE_NUMBER_ILLEGAL"},
    Reason.RECIPIENT_BLOCKED: {"isv.BLACK_KEY_CONTROL_LIMIT"},
    Reason.RECIPIENT_OPTED_OUT: {"isv.CUSTOMER_REFUSED"},
    Reason.DESTINATION_UNSUPPORTED: {
        "isv.DOMESTIC_NUMBER_NOT_SUPPORTED",
        "isv.SMS_TEST_NUMBER_LIMIT",
    },
    Reason.SENDER_REJECTED: {
        "isv.SMS_SIGNATURE_ILLEGAL",
        "isv.SMS_SIGN_ILLEGAL",
        "isv.SIGN_STATE_ILLEGAL",
        "isv.SMS_SIGN_EMOJI_ILLEGAL",
        "isv.SMS_SIGNATURE_SCENE_ILLEGAL",
        "isv.SMS_TEST_SIGN_TEMPLATE_LIMIT",
    },
    Reason.TEMPLATE_REJECTED: {
        "isv.SMS_TEMPLATE_ILLEGAL",
        "isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE",
    },
    Reason.TEMPLATE_PARAMS_INVALID: {
        "isv.TEMPLATE_MISSING_PARAMETERS",
        "isv.TEMPLATE_PARAMS_ILLEGAL",
        "isv.PARAM_LENGTH_LIMIT",
        "isv.PARAM_NOT_SUPPORT_URL",
        "isv.SMS_TEST_TEMPLATE_PARAMS_ILLEGAL",
    },
    Reason.CONTENT_REJECTED: {"isv.SMS_CONTENT_ILLEGAL"},
    Reason.CONTENT_INVALID: {"isv.UNSUPPORTED_CONTENT"},
    Reason.INSUFFICIENT_BALANCE: {"isv.AMOUNT_NOT_ENOUGH", "isv.OUT_OF_SERVICE"},
    Reason.QUOTA_EXHAUSTED: {"isv.DAY_LIMIT_CONTROL", "isv.MONTH_LIMIT_CONTROL"},
    Reason.AUTH_FAILED: {
        "isv.ACCOUNT_NOT_EXISTS",
        "SignatureDoesNotMatch",
        "InvalidAccessKeyId",
        "InvalidTimeStamp",
    },
    Reason.ACCESS_DENIED: {
        "isv.ACCOUNT_ABNORMAL",
        "isv.SECURITY_FROZEN_ACCOUNT",
        "isv.PRODUCT_UN_SUBSCRIPT",
        "isv.PRODUCT_UNSUBSCRIBE",
        "isv.DENY_IP_RANGE",
        "isp.RAM_PERMISSION_DENY",
        "Forbidden",
        "NoPermission",
    },
    Reason.INVALID_REQUEST: {
        "isv.INVALID_PARAMETERS",
        "isv.INVALID_JSON_PARAM",
        "isv.MOBILE_COUNT_OVER_LIMIT",
        "MissingParameter",
        "InvalidParameter",
        "InvalidVersion",
        "InvalidAction",
    },
    Reason.PROVIDER_ERROR: {"isp.SYSTEM_ERROR", "isp.GATEWAY_ERROR"},
    Reason.THROTTLED: {"Throttling"},
}


def test_every_code_has_the_reason_that_the_vendors_words_call_for():
    reasons = {code: reason for reason, codes in TABLE.items() for code in codes}

    assert {code: meaning.reason for code, meaning in CODES.items()} == reasons


def test_a_signature_or_template_that_is_not_filed_concerns_every_message():
    wide = {code for code, meaning in CODES.items() if meaning.scope is Scope.UNIT}

    assert wide == {
        "isv.SMS_SIGNATURE_ILLEGAL",
        "isv.SMS_SIGN_ILLEGAL",
        "isv.SIGN_STATE_ILLEGAL",
        "isv.SMS_SIGN_EMOJI_ILLEGAL",
        "isv.SMS_TEMPLATE_ILLEGAL",
    }


def test_only_a_stale_time_is_worth_a_fresh_request():
    repeatable = {code for code, meaning in CODES.items() if meaning.repeatable}

    assert repeatable == {"InvalidTimeStamp"}
    assert "clock" in (CODES["InvalidTimeStamp"].advice or "")


@pytest.mark.parametrize(
    ("code", "known"),
    [
        ("Throttling.User", "Throttling"),
        ("Throttling.Api", "Throttling"),
        ("InvalidTimeStamp.Expired", "InvalidTimeStamp"),
        ("Forbidden.RAM", "Forbidden"),
        ("isv.AMOUNT_NOT_ENOUGH", "isv.AMOUNT_NOT_ENOUGH"),
        ("isv.NOBODY_KNOWS", None),
        ("InternalError", None),
        ("SignatureNonceUsed", None),
    ],
)
def test_a_code_of_the_gateway_may_go_on_after_a_dot(code, known):
    assert known_code(code) is (CODES[known] if known else None)


@pytest.mark.parametrize(
    ("words", "ends"),
    [
        ("触发分钟级流控Permits:1", datetime(2026, 1, 1, 15, 31, tzinfo=UTC)),
        ("触发小时级流控Permits:5", datetime(2026, 1, 1, 16, tzinfo=UTC)),
        ("触发天级流控Permits:10", NOW + timedelta(days=1)),
        ("触发云通信流控限制", None),
        ("", None),
    ],
)
def test_a_limit_says_when_it_ends_where_its_words_tell(words, ends):
    assert limit_ends(words, NOW) == ends


@given(
    st.datetimes(datetime(1992, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(["Asia/Shanghai", "UTC", "America/New_York"]),
)
def test_minutes_and_hours_end_with_those_of_the_vendors_clock(now, zone):
    now = now.astimezone(ZoneInfo(zone))

    minute, hour = limit_ends("分钟级流控", now), limit_ends("小时级流控", now)

    assert timedelta(0) < minute - now <= timedelta(minutes=1)
    assert timedelta(0) < hour - now <= timedelta(hours=1)
    local = hour.astimezone(ZoneInfo("Asia/Shanghai"))
    assert (local.minute, local.second, local.microsecond) == (0, 0, 0)


@pytest.mark.parametrize(
    ("code", "state", "reason"),
    [
        ("MOBILE_NOT_ON_SERVICE", "undelivered", Reason.RECIPIENT_UNREACHABLE),
        ("MOBILE_IN_BLACK", "undelivered", Reason.RECIPIENT_BLOCKED),
        ("MOBILE_SEND_LIMIT", "undelivered", Reason.RECIPIENT_RATE_LIMITED),
        ("CONTENT_KEYWORD", "undelivered", Reason.CONTENT_REJECTED),
        ("PORT_NOT_REGISTERED", "undelivered", Reason.SENDER_REJECTED),
        # The vendor's own codes stand in receipts too.
        ("isv.SMS_CONTENT_ILLEGAL", "undelivered", Reason.CONTENT_REJECTED),
        ("CB:0001", "undelivered", Reason.CARRIER_REJECTED),
        ("", "undelivered", Reason.CARRIER_REJECTED),
        # The carrier has not said anything yet.
        ("REQUEST_SUCCESS", "sent", Reason.NONE),
    ],
)
def test_a_failed_delivery_has_the_reason_of_its_code(code, state, reason):
    assert delivery(code, delivered=False) == (AttemptState(state), reason)


def test_what_was_delivered_was_delivered_whatever_its_code():
    assert delivery("?", delivered=True) == (AttemptState.DELIVERED, Reason.NONE)
