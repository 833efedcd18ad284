"""An account against a server that records what it is asked."""

import json
import logging
import re
from datetime import UTC, datetime, timedelta

import pytest
from notify_aliyun.provider_type import ALIYUN

from notify_core.errors import ProviderUnavailable
from notify_core.model.attempt import Attempt
from notify_core.model.outcome import Outcome, Reason, Scope
from notify_core.model.recipient import Phone
from notify_core.model.status import AttemptState
from notify_core.model.webhook import WebhookRequest
from notify_core.plugins import Plugins
from notify_core.provider import BoundTemplate, QueryMode, TextMode

NOW = datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC)
MAINLAND = Phone("+8613900001234", "86", "CN")
ABROAD = Phone("+85291234567", "852", "HK")
ACCEPTED = '{"Code":"OK","Message":"OK","BizId":"9^0","RequestId":"1"}'
NONE_FOUND = '{"Code":"OK","Message":"OK","SmsSendDetailDTOs":{"SmsSendDetailDTO":[]}}'
OTP = BoundTemplate(id="SMS_1", params=(("code", "654321"),))


def head(asked):
    """Return the request line and the headers that the vendor looks at."""
    lines = asked.splitlines()
    kept = [
        line
        for line in lines[1:]
        if not re.match("user-agent|accept-encoding|content-len", line)
    ]
    return [lines[0], *sorted(kept)]


def expected(golden):
    first, *rest = golden.decode().splitlines()
    return [first, *sorted(rest)]


def attempt(**given):
    facts = {
        "number": 1,
        "provider": "aliyun-test",
        "account": "YourAccessKeyId",
        "state": AttemptState.UNKNOWN,
        "reference": "123",
        "started_at": NOW,
    }
    return Attempt(**facts | given)


def test_the_provider_type_is_found_through_its_entry_point():
    assert Plugins().provider_types["aliyun"] is ALIYUN


def test_a_whole_text_is_not_for_this_vendor():
    assert ALIYUN.capabilities.text is TextMode.NONE
    assert ALIYUN.capabilities.templates
    assert ALIYUN.capabilities.query is QueryMode.REFERENCE
    assert ALIYUN.capabilities.idempotent_reference is None
    assert not ALIYUN.capabilities.balance


def test_receipts_match_in_the_scope_of_the_account_where_it_is_named(settings):
    assert ALIYUN.account_key(settings()) == "YourAccessKeyId"
    assert ALIYUN.account_key(settings(account="123")) == "123"


# Golden requests.


async def test_a_template_is_submitted_as_the_vendors_library_signs_it(
    account, vendor, submission, golden
):
    vendor.answers(ACCEPTED)

    await account().submit(submission())

    [asked] = vendor.asked
    assert head(asked) == expected(golden("send_sms.request"))


async def test_a_number_abroad_has_its_country_code_and_no_plus(
    account, vendor, submission, golden
):
    vendor.answers(ACCEPTED)
    plain = BoundTemplate(id="SMS_25305")

    await account().submit(submission(recipient=ABROAD, template=plain))

    assert head(vendor.asked[0]) == expected(golden("send_sms_abroad.request"))


async def test_the_messages_sender_goes_before_that_of_the_settings(
    account, vendor, submission
):
    vendor.answers(ACCEPTED)

    await account().submit(submission(sender="another"))

    assert "SignName=another&" in vendor.asked[0]


async def test_time_and_nonce_are_taken_for_every_request_anew(
    account, vendor, submission, settings
):
    vendor.answers(ACCEPTED)
    later = NOW + timedelta(seconds=90)

    await account().submit(submission())
    await account(now=later).submit(submission())

    dates = [re.search("x-acs-date: (.*)", asked)[1] for asked in vendor.asked]
    assert dates == ["2023-10-26T10:22:32Z", "2023-10-26T10:24:02Z"]


async def test_a_base_url_may_have_a_path_that_is_not_signed(
    account, vendor, submission, golden
):
    vendor.answers(ACCEPTED)

    await account(base_url=f"{vendor.url}/gateway/").submit(submission())

    _, *headers = head(vendor.asked[0])
    assert vendor.asked[0].startswith("POST /gateway/?OutId=")
    assert headers == expected(golden("send_sms.request"))[1:]


async def test_another_endpoint_is_named_and_signed(account, vendor, submission):
    vendor.answers(ACCEPTED)
    endpoint = "dysmsapi.ap-southeast-1.aliyuncs.com"

    await account(endpoint=endpoint).submit(submission())

    assert f"host: {endpoint}" in vendor.asked[0]


# Golden answers.


async def test_the_accepting_answer_gives_the_vendors_id(
    account, vendor, submission, golden
):
    vendor.answers(golden("send_sms_accepted.json"))

    answer = await account().submit(submission())

    assert (answer.outcome, answer.reason) == (Outcome.ACCEPTED, Reason.NONE)
    assert answer.provider_id == "900619746936498440^0"
    assert (answer.code, answer.text) == ("OK", "OK")


async def test_a_refusal_has_the_vendors_words_and_no_id(
    account, vendor, submission, golden
):
    vendor.answers(golden("send_sms_no_template.json"))

    answer = await account().submit(submission())

    assert (answer.outcome, answer.reason) == (
        Outcome.REJECTED,
        Reason.TEMPLATE_REJECTED,
    )
    assert (answer.scope, answer.provider_id) == (Scope.UNIT, None)
    assert answer.text == "该账号下找不到对应模板"


async def test_a_limit_for_one_number_says_when_it_ends(
    account, vendor, submission, golden
):
    vendor.answers(golden("send_sms_limited.json"))

    answer = await account().submit(submission())

    assert answer.reason is Reason.RECIPIENT_RATE_LIMITED
    assert answer.retry_at == datetime(2023, 10, 26, 11, tzinfo=UTC)


async def test_a_code_of_the_gateway_is_known_by_its_beginning_and_kept_whole(
    account, vendor, submission, golden
):
    vendor.answers(golden("gateway_key_unknown.json"), status=404)

    answer = await account().submit(submission())

    assert (answer.outcome, answer.reason) == (Outcome.REJECTED, Reason.AUTH_FAILED)
    assert answer.code == "InvalidAccessKeyId.NotFound"


async def test_the_request_that_the_gateway_repeats_is_not_kept(
    account, vendor, submission, golden
):
    vendor.answers(golden("gateway_signature_wrong.json"), status=400)

    answer = await account().submit(submission(template=OTP))

    assert answer.reason is Reason.AUTH_FAILED
    assert answer.text == (
        "Specified signature is not matched with our calculation"
        " (check the AccessKey secret)"
    )


async def test_a_stale_clock_may_be_repeated_and_says_so(account, vendor, submission):
    told = {"Code": "InvalidTimeStamp.Expired", "Message": "It is expired."}
    vendor.answers(json.dumps(told), status=400)

    answer = await account().submit(submission())

    assert (answer.reason, answer.repeatable) == (Reason.AUTH_FAILED, True)
    assert answer.text == "It is expired (check the clock of the sending machine)"


async def test_a_nonce_that_was_seen_leaves_open_what_became_of_the_first_copy(
    account, vendor, submission
):
    vendor.answers('{"Code":"SignatureNonceUsed","Message":"Used."}', status=400)

    answer = await account().submit(submission())

    assert (answer.outcome, answer.reason) == (Outcome.UNKNOWN, Reason.NO_RESPONSE)
    assert answer.code == "SignatureNonceUsed"


@pytest.mark.parametrize(
    ("status", "body", "outcome", "reason"),
    [
        (400, '{"Code":"Throttling.User"}', Outcome.REJECTED, Reason.THROTTLED),
        (403, '{"Code":"Forbidden.RAM"}', Outcome.REJECTED, Reason.ACCESS_DENIED),
        (403, '{"Code":"NoPermission"}', Outcome.REJECTED, Reason.ACCESS_DENIED),
        (400, '{"Code":"isv.NEW"}', Outcome.REJECTED, Reason.UNMAPPED),
        (404, '{"Code":"New.Thing"}', Outcome.REJECTED, Reason.UNMAPPED),
        (500, '{"Code":"InternalError"}', Outcome.UNKNOWN, Reason.SERVER_ERROR),
        (503, '{"Code":"ServiceUnavailable"}', Outcome.UNKNOWN, Reason.SERVER_ERROR),
        (500, '{"Code":"isv.AMOUNT_NOT_ENOUGH"}', Outcome.REJECTED, None),
        (200, '{"Code":""}', Outcome.UNKNOWN, Reason.NO_RESPONSE),
        (200, '{"Code":7}', Outcome.UNKNOWN, Reason.NO_RESPONSE),
        (502, "<html>", Outcome.UNKNOWN, Reason.NO_RESPONSE),
    ],
)
async def test_the_code_decides_where_there_is_one(
    account, vendor, submission, status, body, outcome, reason
):
    vendor.answers(body, status=status)

    answer = await account().submit(submission())

    assert answer.outcome is outcome
    assert answer.reason is (reason or Reason.INSUFFICIENT_BALANCE)


# What became of a message.


async def test_it_asks_by_number_and_day_and_by_the_vendors_id_where_that_is_known(
    account, vendor, golden
):
    vendor.answers(NONE_FOUND)
    known = attempt(provider_id="900619746936498440^0")

    receipt = await account().query(known, MAINLAND)

    assert receipt is None
    [asked] = vendor.asked
    assert head(asked) == expected(golden("query_send_details.request"))


async def test_what_the_vendor_tells_of_our_reference_is_a_receipt(
    account, vendor, golden
):
    vendor.answers(golden("query_send_details.json"))

    receipt = await account().query(attempt(), MAINLAND)

    assert receipt.state is AttemptState.DELIVERED
    assert (receipt.reference, receipt.recipient) == ("123", "+8613900001234")
    assert receipt.code == "DELIVERED"
    assert receipt.submitted_at == datetime(2019, 1, 8, 8, 44, 10, tzinfo=UTC)
    assert receipt.at == datetime(2019, 1, 8, 8, 44, 13, tzinfo=UTC)


async def test_messages_of_others_are_not_taken_for_ours(account, vendor, golden):
    vendor.answers(golden("query_send_details.json"))

    assert await account().query(attempt(reference="01K"), MAINLAND) is None


@pytest.mark.parametrize(
    ("status", "code", "state", "reason"),
    [
        (1, "", AttemptState.ACCEPTED, Reason.NONE),
        (2, "MOBILE_IN_BLACK", AttemptState.UNDELIVERED, Reason.RECIPIENT_BLOCKED),
        (2, "REQUEST_SUCCESS", AttemptState.SENT, Reason.NONE),
        (3, "DELIVRD", AttemptState.DELIVERED, Reason.NONE),
    ],
)
async def test_each_status_has_its_meaning(
    account, vendor, status, code, state, reason
):
    row = {"OutId": 123, "SendStatus": status, "ErrCode": code, "SendDate": "x"}
    older = row | {"SendStatus": 2, "SendDate": "a"}
    rows = {"SmsSendDetailDTO": [older, row, "junk"]}
    vendor.answers(json.dumps({"Code": "OK", "SmsSendDetailDTOs": rows}))

    receipt = await account().query(attempt(), MAINLAND)

    assert (receipt.state, receipt.reason) == (state, reason)


@pytest.mark.parametrize(
    "details",
    [
        None,
        [],
        {"SmsSendDetailDTO": {}},
        {"SmsSendDetailDTO": [{"OutId": "123"}]},
        {"SmsSendDetailDTO": [{"OutId": "123", "SendStatus": 9}]},
    ],
)
async def test_details_of_another_shape_tell_nothing(account, vendor, details):
    vendor.answers(json.dumps({"Code": "OK", "SmsSendDetailDTOs": details}))

    assert await account().query(attempt(), MAINLAND) is None


async def test_around_midnight_in_china_both_days_are_asked_for(account, vendor):
    vendor.answers(NONE_FOUND)
    late = attempt(started_at=datetime(2023, 10, 26, 15, 59, 30, tzinfo=UTC))

    await account().query(late, ABROAD)

    days = [re.search(r"SendDate=(\d+)", asked)[1] for asked in vendor.asked]
    assert days == ["20231026", "20231027"]
    assert "PhoneNumber=85291234567&" in vendor.asked[0]


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (403, '{"Code":"Forbidden.RAM","Message":"No."}', "refused with Forbidden.RAM"),
        (200, '{"Code":"isv.NEW"}', "refused with isv.NEW"),
        (502, "<html>", "HTTP 502"),
    ],
)
async def test_a_question_that_is_not_answered_says_why(
    account, vendor, status, body, why
):
    vendor.answers(body, status=status)

    with pytest.raises(ProviderUnavailable, match=re.escape(why)) as error:
        await account().query(attempt(), MAINLAND)

    assert "'aliyun-test': QuerySendDetails:" in str(error.value)


async def test_a_question_to_nobody_says_that_nobody_is_there(account):
    with pytest.raises(ProviderUnavailable, match="QuerySendDetails: not connected"):
        await account(base_url="http://127.0.0.1:1").query(attempt(), MAINLAND)


# Pushes and the end.


def test_a_push_is_read(account, golden):
    body = golden("sms_report.json")

    push = account().parse_webhook(WebhookRequest(url="https://n.example", body=body))

    assert [event.state for event in push.events] == [AttemptState.DELIVERED]


async def test_closing_leaves_the_given_session_open(account, vendor, submission):
    vendor.answers(ACCEPTED)
    provider = account()

    await provider.aclose()

    assert (await provider.submit(submission())).outcome is Outcome.ACCEPTED


async def test_no_repr_log_error_or_answer_shows_a_secret_a_number_or_a_value(
    account, vendor, submission, golden, caplog
):
    caplog.set_level(logging.DEBUG)
    shown = []
    wrong = golden("gateway_signature_wrong.json")
    for body, status in ((ACCEPTED, 200), (wrong, 400), ("<html>", 502)):
        vendor.answers(body, status=status)
        for provider in (account(), account(base_url="http://127.0.0.1:1")):
            shown += [
                repr(provider),
                str(await provider.submit(submission(template=OTP))),
            ]
            try:
                await provider.query(attempt(), MAINLAND)
            except ProviderUnavailable as error:
                shown += [repr(error), repr(error.__cause__)]

    everything = "\n".join([*shown, caplog.text, repr(submission(template=OTP))])
    assert "YourAccessKeySecret" not in everything
    assert "13900001234" not in everything
    assert "654321" not in everything
