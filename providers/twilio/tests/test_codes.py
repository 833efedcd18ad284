"""The table of Twilio's codes."""

import re
from datetime import UTC, datetime

import pytest
from notify_twilio.codes import CODES

from notify_core.model.outcome import Outcome, Reason, Scope
from notify_core.provider import coded_answer

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
TABLE = {
    Reason.NONE: {"201"},
    Reason.ACCESS_DENIED: {
        *("10001", "10002", "20005", "20006", "20008", "20010", "20403", "70051"),
        "30002",
    },
    Reason.AUTH_FAILED: {"20003"},
    Reason.QUOTA_EXHAUSTED: {"30023", "30027", "63038"},
    Reason.THROTTLED: {"20429", "21611", "30001", "30022"},
    Reason.INVALID_REQUEST: {
        *("20001", "20004", "20404", "20422", "20423", "20426"),
        *("21603", "21604", "21609", "21624"),
    },
    Reason.RECIPIENT_INVALID: {
        *("21211", "21217", "21265", "21266", "21614", "21635", "30005"),
    },
    Reason.RECIPIENT_UNREACHABLE: {"21214", "30003", "30006"},
    Reason.RECIPIENT_BLOCKED: {"30004", "30450"},
    Reason.RECIPIENT_OPTED_OUT: {"21610"},
    Reason.DESTINATION_UNSUPPORTED: {"21408", "21608", "21612"},
    Reason.SENDER_REJECTED: {
        *("21212", "21601", "21606", "21607", "21616", "21657", "21659", "21660"),
        *("21661", "21701", "21702", "21703", "21704", "21705", "21709", "21711"),
        *("30018", "30024", "30032", "30033", "30034", "30035", "30042"),
    },
    Reason.CONTENT_INVALID: {"21602", "21617", "21619", "30019"},
    Reason.CONTENT_REJECTED: {"21618", "30007"},
    Reason.CARRIER_REJECTED: {"30008", "30017", "30410"},
}
#: Depends on the destination or on the carrier, so another message may pass.
ONE_MESSAGE = {
    *("21606", "21657", "21659", "21703", "30018", "30024", "30034", "30035"),
}


def test_every_code_has_the_reason_that_the_dictionary_calls_for():
    by_reason: dict[Reason, set[str]] = {}
    for code, meaning in CODES.items():
        by_reason.setdefault(meaning.reason, set()).add(code)

    assert by_reason == TABLE


def test_a_sender_that_no_destination_takes_concerns_every_message():
    wide = {code for code, meaning in CODES.items() if meaning.scope is Scope.UNIT}

    assert wide == TABLE[Reason.SENDER_REJECTED] - ONE_MESSAGE


def test_every_code_is_twilios_and_has_its_words():
    for code, meaning in CODES.items():
        assert re.fullmatch("201|[1-9][0-9]{4}", code)
        assert meaning.text


def test_an_opt_out_is_told_as_one():
    answer = coded_answer(CODES["21610"], "21610", text=None, now=NOW)

    assert answer.outcome is Outcome.REJECTED
    assert answer.reason is Reason.RECIPIENT_OPTED_OUT


@pytest.mark.parametrize("code", ["20500", "20503", "30036", "99999"])
def test_what_the_table_lacks_is_unmapped_and_kept(code):
    answer = coded_answer(CODES.get(code), code, text="as Twilio said", now=NOW)

    assert (answer.outcome, answer.reason) == (Outcome.REJECTED, Reason.UNMAPPED)
    assert (answer.code, answer.text) == (code, "as Twilio said")
