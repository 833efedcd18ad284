"""What the emulator takes and refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

FIXTURES = Path(__file__).parents[1] / "fixtures"
MINE = {"access_key_id": "YourAccessKeyId", "access_key_secret": "YourAccessKeySecret"}
#: As in the vendor's examples of a request.
QUOTED = {"code": "SMS_15305", "content": "${name}，${number}", "kind": "notice"}
ABROAD = {"code": "SMS_25305", "content": "Hello", "kind": "notice", "abroad": True}


def golden(name: str) -> bytes:
    return (FIXTURES / name).read_bytes()


# What it takes.


@pytest.mark.parametrize("name", ["send_sms", "send_sms_abroad"])
async def test_what_the_vendors_library_signs_is_accepted(
    open_desk: Any, name: str
) -> None:
    desk = await open_desk(accounts=[{**MINE, "templates": [QUOTED, ABROAD]}])

    status, answer = await desk.wire(golden(f"{name}.request"))

    assert (status, answer["Code"], answer["Message"]) == (200, "OK", "OK")
    assert set(answer) == set(json.loads(golden("send_sms_accepted.json")))
    [arrival] = desk.emulator.messages
    assert (arrival.id, arrival.reference) == (answer["BizId"], "abcdefgh")
    assert arrival.text.startswith("【阿里云】")


async def test_a_question_of_the_vendors_library_is_answered(desk: Any) -> None:
    status, answer = await desk.wire(golden("query_send_details.request"))

    assert (status, answer["Code"], answer["TotalCount"]) == (200, "OK", 0)
    assert set(answer) == set(json.loads(golden("query_send_details.json")))


async def test_the_values_are_put_into_the_template(desk: Any) -> None:
    answer = await desk.submit(OutId="01K", SmsUpExtendCode="1")

    [arrival] = desk.emulator.messages
    assert answer["BizId"] == arrival.id
    assert arrival.text == "【阿里云】您的验证码为：2546，请勿泄露于他人！"
    assert (arrival.login_code, arrival.sender) == ("2546", "阿里云")
    assert (arrival.to, arrival.segments, arrival.reference) == (
        "13900001234",
        1,
        "01K",
    )


async def test_one_call_may_go_to_many_numbers(open_desk: Any) -> None:
    desk = await open_desk(accounts=[{**MINE, "balance": 2}])

    first = await desk.submit(PhoneNumbers="13900001234,+8613900001235")
    then = await desk.code(PhoneNumbers="13900001236")

    assert [arrival.to for arrival in desk.emulator.messages] == [
        "13900001234",
        "13900001235",
    ]
    assert {arrival.id for arrival in desk.emulator.messages} == {first["BizId"]}
    assert then == "isv.AMOUNT_NOT_ENOUGH"


# What the gateway refuses.


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"x_acs_version": "2017-05-26"}, 400, "InvalidVersion"),
        ({"x_acs_action": "SendSmsNow"}, 404, "InvalidAction.NotFound"),
        ({"x_acs_date": "2023-10-26 10:22:32"}, 400, "InvalidTimeStamp.Format"),
        ({"x_acs_date": "2023-10-26T10:07:31Z"}, 400, "InvalidTimeStamp.Expired"),
        ({"x_acs_date": "2023-10-26T10:37:33Z"}, 400, "InvalidTimeStamp.Expired"),
        ({"x_acs_content_sha256": "0" * 64}, 400, "SignatureDoesNotMatch"),
    ],
)
async def test_the_gateway_refuses_what_its_page_says(
    desk: Any, changed: dict[str, str], status: int, code: str
) -> None:
    told, answer = await desk.post(*desk.signed({}, **changed))

    assert (told, answer["Code"]) == (status, code)
    assert answer["HostId"] == "dysmsapi.aliyuncs.com"
    assert answer["Recommend"].startswith("https://api.aliyun.com/troubleshoot?q=")


async def test_a_wrong_signature_gets_the_whole_request_back(desk: Any) -> None:
    query, headers = desk.signed({"PhoneNumbers": "13900001234"})

    status, answer = await desk.post(query.replace("1234", "1235"), headers)

    assert (status, answer["Code"]) == (400, "SignatureDoesNotMatch")
    assert "PhoneNumbers=13900001235" in answer["Message"]


async def test_a_body_has_to_be_hashed(desk: Any) -> None:
    query, headers = desk.signed({}, body=b"a=b")

    assert (await desk.post(query, headers, b"a=c"))[1]["Code"] == (
        "SignatureDoesNotMatch"
    )
    assert (await desk.post(query, headers, b"a=b"))[1]["Code"] == (
        "MissingPhoneNumbers"
    )


async def test_a_key_that_nobody_has_gets_404(open_desk: Any) -> None:
    desk = await open_desk(accounts=[{**MINE, "access_key_id": "another"}])

    status, answer = await desk.wire(golden("send_sms.request"))

    assert status == 404
    assert set(answer) == set(json.loads(golden("gateway_key_unknown.json")))
    assert answer["Code"] == "InvalidAccessKeyId.NotFound"


@pytest.mark.parametrize(
    "proof",
    [
        "",
        "Basic YTpi",
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId",
        "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host,Signature=b",
    ],
)
async def test_a_request_has_to_be_signed(desk: Any, proof: str) -> None:
    query, headers = desk.signed({})

    status, answer = await desk.post(query, headers | {"authorization": proof})

    assert (status, answer["Code"]) == (400, "IncompleteSignature")


async def test_every_header_of_the_vendors_has_to_be_there(desk: Any) -> None:
    query, headers = desk.signed({})
    del headers["x-acs-signature-nonce"]

    assert (await desk.post(query, headers))[1]["Code"] == "IncompleteSignature"


async def test_no_nonce_may_come_twice_until_it_is_forgotten(open_desk: Any) -> None:
    desk = await open_desk(keep=2)
    query, headers = desk.signed({})

    codes = [(await desk.post(query, headers))[1]["Code"] for _ in range(2)]
    await desk.post(*desk.signed({}))
    await desk.post(*desk.signed({}))
    codes.append((await desk.post(query, headers))[1]["Code"])

    missing = "MissingPhoneNumbers"
    assert codes == [missing, "SignatureNonceUsed", missing]


# What the service refuses.


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"PhoneNumbers": ""}, "MissingPhoneNumbers"),
        ({"SignName": ""}, "MissingSignName"),
        ({"TemplateCode": ""}, "MissingTemplateCode"),
        ({"Outid": "1"}, "isv.INVALID_PARAMETERS"),
        ({"PhoneNumbers": "12345"}, "isv.MOBILE_NUMBER_ILLEGAL"),
        ({"PhoneNumbers": "13900001234,"}, "isv.MOBILE_NUMBER_ILLEGAL"),
        ({"PhoneNumbers": "+85291234567"}, "isv.MOBILE_NUMBER_ILLEGAL"),
        ({"PhoneNumbers": "85291234567"}, "isv.MOBILE_NUMBER_ILLEGAL"),
        ({"PhoneNumbers": ",".join(["1"] * 1001)}, "isv.MOBILE_COUNT_OVER_LIMIT"),
        ({"SignName": "another"}, "isv.SMS_SIGNATURE_ILLEGAL"),
        ({"TemplateCode": "SMS_1"}, "isv.SMS_TEMPLATE_ILLEGAL"),
        ({"TemplateCode": "SMS_25305"}, "isv.DOMESTIC_NUMBER_NOT_SUPPORTED"),
        ({"TemplateParam": ""}, "isv.TEMPLATE_MISSING_PARAMETERS"),
        ({"TemplateParam": '{"code":""}'}, "isv.TEMPLATE_MISSING_PARAMETERS"),
        ({"TemplateParam": "{"}, "isv.INVALID_JSON_PARAM"),
        ({"TemplateParam": "[]"}, "isv.INVALID_JSON_PARAM"),
        ({"TemplateParam": '{"code":2546}'}, "isv.INVALID_JSON_PARAM"),
        ({"TemplateParam": json.dumps({"code": "x" * 36})}, "isv.PARAM_LENGTH_LIMIT"),
    ],
)
async def test_the_service_refuses_what_its_page_says(
    desk: Any, changed: dict[str, str], code: str
) -> None:
    answer = await desk.submit(**changed)

    assert answer["Code"] == code
    assert answer["Message"]
    assert "BizId" not in answer
    assert desk.emulator.messages == []


async def test_a_template_for_numbers_abroad_goes_abroad(desk: Any) -> None:
    there = {"PhoneNumbers": "85291234567", "TemplateCode": "SMS_25305"}

    assert await desk.code(**there) == "OK"
    assert desk.emulator.messages[0].to == "85291234567"


async def test_a_blocked_number_gets_nothing(open_desk: Any) -> None:
    desk = await open_desk(accounts=[{**MINE, "blacklist": ["13900001234"]}])

    assert await desk.code() == "isv.BLACK_KEY_CONTROL_LIMIT"
    assert await desk.code(PhoneNumbers="+8613900001234") == (
        "isv.BLACK_KEY_CONTROL_LIMIT"
    )
    assert await desk.code(PhoneNumbers="13900001235") == "OK"


# How much one number may get.


async def test_one_code_a_minute_and_five_an_hour(desk: Any) -> None:
    told = []
    desk.time.now += 28
    for _ in range(12):
        told.append((await desk.submit())["Message"])
        desk.time.now += 30

    minute = "触发分钟级流控Permits:1"
    assert told == ["OK", minute] * 5 + ["触发小时级流控Permits:5"] * 2


async def test_an_hour_ends_with_the_clocks_and_a_day_after_24_hours(
    open_desk: Any,
) -> None:
    limits = {"per_minute": None, "per_hour": 2, "per_day": 3}
    desk = await open_desk(limits=limits, receipt_delay=0)
    told = []
    for wait in (0, 0, 2_247, 1, 0, 86_399 - 2_248, 1):
        desk.time.now += wait
        told.append((await desk.submit())["Message"])

    hour, day = "触发小时级流控Permits:2", "触发天级流控Permits:3"
    assert told == ["OK", "OK", hour, "OK", day, day, "OK"]


async def test_others_are_counted_by_template_and_abroad_nothing_is(
    open_desk: Any,
) -> None:
    notices = [QUOTED | {"code": code, "content": "Hi"} for code in ("SMS_1", "SMS_2")]
    account = {**MINE, "templates": [*notices, ABROAD]}
    desk = await open_desk(accounts=[account], limits={"others_per_day": 1})
    there = {"PhoneNumbers": "85291234567", "TemplateCode": "SMS_25305"}

    codes = [await desk.code(TemplateCode=n) for n in ("SMS_1", "SMS_1", "SMS_2")]
    codes += [await desk.code(**there) for _ in range(2)]

    assert codes == ["OK", "isv.BUSINESS_LIMIT_CONTROL", "OK", "OK", "OK"]


async def test_the_limits_remember_as_many_numbers_as_told(open_desk: Any) -> None:
    desk = await open_desk(keep=1)

    codes = [
        await desk.code(PhoneNumbers=n)
        for n in ("13900001234", "13900001235", "13900001235", "13900001234")
    ]

    assert codes == ["OK", "OK", "isv.BUSINESS_LIMIT_CONTROL", "OK"]


# What became of it.


async def test_details_are_told_when_the_receipt_is_due(open_desk: Any) -> None:
    desk = await open_desk(receipt_delay=5)
    begun = desk.time.now
    sent = await desk.submit(OutId="01K")
    await desk.emulator.pushed()
    desk.time.now = begun + 4

    waiting = await desk.details()
    desk.time.now += 1
    told = await desk.details(BizId=sent["BizId"])

    [row] = waiting["SmsSendDetailDTOs"]["SmsSendDetailDTO"]
    assert (row["SendStatus"], row["ErrCode"], row["ReceiveDate"]) == (1, "", "")
    [row] = told["SmsSendDetailDTOs"]["SmsSendDetailDTO"]
    assert (row["SendStatus"], row["ErrCode"], row["OutId"]) == (3, "DELIVERED", "01K")
    assert row["ReceiveDate"] == "2023-10-26 18:22:37"
    [quoted] = json.loads(golden("query_send_details.json"))["SmsSendDetailDTOs"][
        "SmsSendDetailDTO"
    ]
    assert set(row) == set(quoted)


async def test_a_receipt_that_never_comes_leaves_it_waiting(open_desk: Any) -> None:
    desk = await open_desk(receipt="none")
    await desk.submit()
    desk.time.now += 3600

    [row] = (await desk.details())["SmsSendDetailDTOs"]["SmsSendDetailDTO"]

    assert row["SendStatus"] == 1


async def test_details_come_in_pages_the_newest_first(open_desk: Any) -> None:
    desk = await open_desk(limits={"per_minute": None})
    for number in range(3):
        await desk.submit(OutId=str(number))
    pages = [
        await desk.details(PageSize="2", CurrentPage=str(page)) for page in (1, 2, 3)
    ]

    assert [page["TotalCount"] for page in pages] == [3, 3, 3]
    assert [
        [row["OutId"] for row in page["SmsSendDetailDTOs"]["SmsSendDetailDTO"]]
        for page in pages
    ] == [["2", "1"], ["0"], []]


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"SendDate": "20231027"}, 0),
        ({"PhoneNumber": "13900001235"}, 0),
        ({"BizId": "1"}, 0),
        ({}, 1),
    ],
)
async def test_details_are_of_one_number_and_one_day(
    desk: Any, changed: dict[str, str], found: int
) -> None:
    await desk.submit()

    assert (await desk.details(**changed))["TotalCount"] == found


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"SendDate": ""}, "MissingSendDate"),
        ({"SendDate": "2023-10-26"}, "isv.INVALID_PARAMETERS"),
        ({"PageSize": "51"}, "isv.INVALID_PARAMETERS"),
        ({"PageSize": "0"}, "isv.INVALID_PARAMETERS"),
        ({"PageSize": "x"}, "isv.INVALID_PARAMETERS"),
        ({"CurrentPage": "0"}, "isv.INVALID_PARAMETERS"),
        ({"CurrentPage": "x"}, "isv.INVALID_PARAMETERS"),
        ({"OutId": "1"}, "isv.INVALID_PARAMETERS"),
    ],
)
async def test_a_question_that_is_wrong_is_refused(
    desk: Any, changed: dict[str, str], code: str
) -> None:
    assert (await desk.details(**changed))["Code"] == code


# What is scripted.


@pytest.mark.parametrize(
    ("code", "status"),
    [("Throttling.User", 400), ("isp.SYSTEM_ERROR", 200), ("ServiceUnavailable", 503)],
)
async def test_a_scripted_code_has_its_status(
    desk: Any, code: str, status: int
) -> None:
    desk.emulator.fault(do={"code": code})

    told, answer = await desk.post(*desk.signed({}))

    assert (told, answer["Code"]) == (status, code)


async def test_acceptance_can_be_scripted_for_what_is_right_only(desk: Any) -> None:
    desk.emulator.fault(do={"code": "OK"})

    assert await desk.code() == "OK"
    assert await desk.code(TemplateCode="SMS_1") == "isv.SMS_TEMPLATE_ILLEGAL"


async def test_a_connection_can_close_before_and_after(desk: Any) -> None:
    desk.emulator.fault(do={"close": "before"}, match={"next": 1})
    desk.emulator.fault(do={"close": "after"}, match={"next": 1})

    for _ in range(2):
        with pytest.raises(aiohttp.ClientError):
            await desk.submit()

    assert (desk.emulator.received, desk.emulator.accepted) == (2, 1)
    assert (await desk.details())["TotalCount"] == 1


async def test_reset_forgets_everything(open_desk: Any) -> None:
    desk = await open_desk(accounts=[{**MINE, "balance": 1}])
    asked = desk.signed(
        {
            "PhoneNumbers": "13900001234",
            "SignName": "阿里云",
            "TemplateCode": "SMS_15305",
            "TemplateParam": '{"code":"2546"}',
        }
    )

    codes = [(await desk.post(*asked))[1]["Code"]]
    await desk.emulator.reset()
    codes.append((await desk.post(*asked))[1]["Code"])

    assert codes == ["OK", "OK"]
    assert len(desk.emulator.messages) == 1
