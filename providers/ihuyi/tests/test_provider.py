"""An account against a server that records what it is asked."""

import logging
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from notify_ihuyi.provider_type import IHUYI

from notify_core.errors import ProviderUnavailable, UnsupportedFeature
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.recipient import Phone
from notify_core.model.status import AttemptState
from notify_core.model.webhook import WebhookRequest
from notify_core.plugins import Plugins
from notify_core.provider import BoundTemplate

API_KEY = "1q784322ba1d9bb88d50cf5cdfd89k7d"
NOW = datetime.fromtimestamp(1451544941, UTC)
CODE_TEMPLATE = BoundTemplate(id="1", params=(("code", "2546"),))
ACCEPTED = '{"code":2,"msg":"提交成功","smsid":"16165686731585006595"}'


def test_the_provider_type_is_found_through_its_entry_point():
    assert Plugins().provider_types["ihuyi"] is IHUYI


def test_the_account_key_names_product_and_apiid(settings):
    assert IHUYI.account_key(settings()) == "sms:test"
    assert IHUYI.account_key(settings(product="isms", api_id="I7")) == "isms:I7"


# Golden requests.


async def test_a_whole_text_is_submitted_as_the_vendor_documents(
    account, vendor, submission, golden_form
):
    vendor.answers(ACCEPTED)

    await account().submit(submission())

    [asked] = vendor.asked
    assert asked.form == golden_form("submit_text.form")
    assert asked.target == "/webservice/sms.php?method=Submit"
    assert asked.content_type == "application/x-www-form-urlencoded"


async def test_a_template_is_submitted_by_id_with_its_variables(
    account, vendor, submission, golden_form
):
    vendor.answers(ACCEPTED)

    await account().submit(submission(template=CODE_TEMPLATE))

    assert vendor.asked[0].form == golden_form("submit_template.form")


async def test_the_static_password_is_sent_without_a_time(
    account, vendor, submission, golden_form
):
    vendor.answers(ACCEPTED)

    static = account(password="static", format="xml")  # noqa: S106 (a mode)
    await static.submit(submission())

    assert vendor.asked[0].form == golden_form("submit_static.form")


async def test_several_variables_are_joined_in_the_templates_order(
    account, vendor, submission
):
    vendor.answers(ACCEPTED)
    params = (("id", "20180515006"), ("name", "张三"), ("price", "100元"))

    await account().submit(submission(template=BoundTemplate(id="9", params=params)))

    assert vendor.asked[0].form["content"] == "20180515006|张三|100元"


async def test_signs_of_the_form_itself_survive_in_a_text(account, vendor, submission):
    vendor.answers(ACCEPTED)
    text = "a+b & c=d 100%\r\n；？#"

    await account().submit(submission(text=text))

    assert vendor.asked[0].form["content"] == text
    assert re.fullmatch(r"[\w.%+&=*-]+", vendor.asked[0].raw, re.ASCII)


async def test_the_time_is_taken_for_every_request_anew(account, vendor, submission):
    vendor.answers(ACCEPTED)
    provider, later = account(), account(now=NOW + timedelta(seconds=90))

    await provider.submit(submission())
    await later.submit(submission())

    first, second = (asked.form for asked in vendor.asked)
    assert int(second["time"]) - int(first["time"]) == 90
    assert first["password"] != second["password"]


@pytest.mark.parametrize(
    ("given", "target"),
    [
        ({"host": "106.ihuyi.cn"}, "/webservice/sms.php?method=Submit"),
        ({"host": "api.ihuyi.com"}, "/sms/Submit.json"),
        (
            {"product": "isms", "host": "api.isms.ihuyi.cn"},
            "/webservice/isms.php?method=Submit",
        ),
    ],
)
async def test_the_host_decides_on_the_path(account, vendor, submission, given, target):
    vendor.answers(ACCEPTED)
    to = Phone("+85291234567", "852", "HK") if "product" in given else None

    await account(**given).submit(submission(**{"recipient": to} if to else {}))

    assert vendor.asked[0].target == target


async def test_a_base_url_may_have_a_path_of_its_own(account, vendor, submission):
    vendor.answers(ACCEPTED)

    await account(base_url=f"{vendor.url}/sms-gateway/").submit(submission())

    assert vendor.asked[0].target == "/sms-gateway/webservice/sms.php?method=Submit"


# Golden answers.


@pytest.mark.parametrize("name", ["submit_accepted.json", "submit_accepted.xml"])
async def test_the_accepting_answer_gives_the_vendors_id(
    account, vendor, submission, golden, name
):
    vendor.answers(golden(name), kind="json")

    answer = await account().submit(submission())

    assert (answer.outcome, answer.reason) == (Outcome.ACCEPTED, Reason.NONE)
    assert answer.provider_id == "16165686731585006595"
    assert (answer.code, answer.text) == ("2", "提交成功")


@pytest.mark.parametrize("name", ["submit_refused.json", "submit_refused.xml"])
async def test_a_refusal_keeps_the_vendors_code_and_words(
    account, vendor, submission, golden, name
):
    vendor.answers(golden(name), kind="xml")

    answer = await account().submit(submission())

    assert answer.outcome is Outcome.REJECTED
    assert answer.reason is Reason.RECIPIENT_INVALID
    assert (answer.code, answer.text) == ("406", "手机号码格式不正确")
    assert answer.provider_id is None


async def test_acceptance_without_an_id_is_acceptance(account, vendor, submission):
    vendor.answers('{"code":2,"msg":"提交成功","smsid":"0"}')

    answer = await account().submit(submission())

    assert (answer.outcome, answer.provider_id) == (Outcome.ACCEPTED, None)


async def test_an_expired_password_says_check_the_clock_and_may_be_repeated(
    account, vendor, submission
):
    vendor.answers('{"code":40501,"msg":"动态密码已过期","smsid":"0"}')

    answer = await account().submit(submission())

    assert (answer.reason, answer.repeatable) == (Reason.AUTH_FAILED, True)
    assert answer.text == "动态密码已过期 (check the clock of the sending machine)"


async def test_a_refusal_without_words_has_the_documented_ones(
    account, vendor, submission
):
    vendor.answers('{"code":4085}')

    answer = await account().submit(submission())

    assert answer.text == "同一手机号验证码短信发送超出【5】条"
    assert answer.retry_at == datetime(2015, 12, 31, 16, tzinfo=UTC)


async def test_an_undocumented_code_is_unmapped(account, vendor, submission):
    vendor.answers('{"code":4013,"msg":"？","smsid":"0"}')

    answer = await account().submit(submission())

    assert (answer.outcome, answer.reason) == (Outcome.REJECTED, Reason.UNMAPPED)
    assert (answer.code, answer.text) == ("4013", "？")


@pytest.mark.parametrize(
    ("status", "body", "outcome", "reason"),
    [
        (200, "<html>ok</html>", Outcome.UNKNOWN, Reason.NO_RESPONSE),
        (200, "", Outcome.UNKNOWN, Reason.NO_RESPONSE),
        (502, '{"code":502,"msg":"bad"}', Outcome.UNKNOWN, Reason.NO_RESPONSE),
        (500, '{"code":500}', Outcome.UNKNOWN, Reason.SERVER_ERROR),
        (408, '{"code":408}', Outcome.UNKNOWN, Reason.NO_RESPONSE),
        (403, '{"code":"403"}', Outcome.REJECTED, Reason.ACCESS_DENIED),
        (500, '{"code":4051}', Outcome.REJECTED, Reason.INSUFFICIENT_BALANCE),
        (500, ACCEPTED, Outcome.ACCEPTED, Reason.NONE),
    ],
)
async def test_a_gateways_answer_is_not_taken_for_the_vendors(
    account, vendor, submission, status, body, outcome, reason
):
    vendor.answers(body, status=status)

    answer = await account().submit(submission())

    assert (answer.outcome, answer.reason) == (outcome, reason)


# Balance and templates.


async def test_the_balance_is_asked_with_a_password_over_the_time_alone(
    account, vendor, golden, golden_form
):
    vendor.answers(golden("balance.xml"), kind="xml")

    balance = await account().balance()

    assert (balance.amount, balance.unit) == (Decimal(1234), "messages")
    [asked] = vendor.asked
    assert asked.target == "/webservice/sms.php?method=GetNum"
    assert asked.form == golden_form("balance.form")


@pytest.mark.parametrize("num", ['"12"', "12", '" 12 "'])
async def test_the_balance_is_read_as_number_and_as_string(account, vendor, num):
    vendor.answers(f'{{"code":"2","msg":"ok","num":{num}}}')

    assert (await account().balance()).amount == 12


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (200, '{"code":405,"msg":"API KEY 不正确"}', "refused with 405 API KEY 不正确"),
        (200, '{"code":4013}', "refused with 4013"),
        (200, '{"code":2,"msg":"ok"}', "no number in `num`"),
        (200, '{"code":2,"num":"NaN"}', "no number in `num`"),
        (502, "<html>", "HTTP 502"),
    ],
)
async def test_a_balance_that_is_not_told_says_why(account, vendor, status, body, why):
    vendor.answers(body, status=status)

    with pytest.raises(ProviderUnavailable, match=re.escape(why)) as error:
        await account().balance()

    assert "'ihuyi-test'" in str(error.value)


async def test_a_balance_from_nobody_says_that_nobody_is_there(account):
    with pytest.raises(ProviderUnavailable, match="GetNum: not connected"):
        await account(base_url="http://127.0.0.1:1").balance()


async def test_a_template_is_filed_with_the_key_and_gets_an_id(
    account, vendor, golden, golden_form
):
    vendor.answers(golden("template_added.xml"), kind="xml")

    template_id = await account().add_template("您的订单【变量】已发货。")

    assert template_id == "4711"
    [asked] = vendor.asked
    assert asked.target == "/webservice/sms.php?method=AddTemplate"
    assert asked.form == golden_form("add_template.form")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('{"code":407,"msg":"短信内容含有敏感字符"}', "refused with 407"),
        ('{"code":2,"msg":"添加成功"}', "no templateid"),
    ],
)
async def test_a_template_that_is_not_filed_says_why(account, vendor, body, why):
    vendor.answers(body)

    with pytest.raises(ProviderUnavailable, match=why):
        await account().add_template("您的订单【变量】已发货。")


@pytest.mark.parametrize("given", [{"product": "yx"}, {"host": "api.ihuyi.com"}])
async def test_templates_are_filed_only_where_the_vendor_documents_it(
    account, vendor, given
):
    with pytest.raises(UnsupportedFeature, match="ihuyi-test"):
        await account(**given).add_template("x")

    assert vendor.asked == []


# Pushes and the end.


async def test_a_push_is_read_for_the_accounts_product(account, golden_form):
    body = b"code=2&ismsid=5&mobilephone=852+91234567"
    request = WebhookRequest(url="https://n.example", body=body)

    push = account(product="isms").parse_webhook(request)

    [receipt] = push.events
    assert receipt.state is AttemptState.DELIVERED
    assert (receipt.provider_id, receipt.recipient) == ("5", "+85291234567")


async def test_closing_leaves_the_given_session_open(account, vendor, submission):
    vendor.answers(ACCEPTED)
    provider = account()

    await provider.aclose()

    assert (await provider.submit(submission())).outcome is Outcome.ACCEPTED


async def test_no_repr_log_error_or_answer_shows_a_secret_a_number_or_a_text(
    account, vendor, submission, caplog
):
    caplog.set_level(logging.DEBUG)
    shown = []
    for body in (ACCEPTED, '{"code":405,"msg":"x"}', "<html>", "["):
        vendor.answers(body)
        for mode in ("static", "dynamic"):
            provider = account(password=mode)
            shown += [repr(provider), str(await provider.submit(submission()))]
    for base_url in (vendor.url, "http://127.0.0.1:1"):
        provider = account(base_url=base_url, password="static")  # noqa: S106 (a mode)
        shown.append(str(await provider.submit(submission())))
        with pytest.raises(ProviderUnavailable) as error:
            await provider.balance()
        shown += [repr(error.value), repr(error.value.__cause__)]

    everything = "\n".join([*shown, caplog.text, repr(submission())])
    assert API_KEY not in everything
    assert "13800138000" not in everything
    assert "2546" not in everything
