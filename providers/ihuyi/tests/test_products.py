"""What differs between the vendor's products, one test each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notify_ihuyi.passwords import dynamic_password
from notify_ihuyi.products import PRODUCTS, international
from notify_ihuyi.provider_type import IHUYI
from notify_ihuyi.webhooks import parse_push

from notify_core.model.channel import Channel
from notify_core.model.recipient import Phone
from notify_core.model.webhook import WebhookRequest
from notify_core.provider import BoundTemplate, ReceiptMode, SenderMode, TextMode

API_KEY = "1q784322ba1d9bb88d50cf5cdfd89k7d"
MAINLAND = Phone("+8613800138000", "86", "CN")
LANDLINE = Phone("+861062345678", "86", "CN")
HONG_KONG = Phone("+85291234567", "852", "HK")


def signed(form):
    """Return the password that the vendor computes from what it received."""
    values = (form["mobile"], form["content"], form["time"])
    return dynamic_password(form["account"], API_KEY, *values)


async def test_sms_sends_eleven_digits_and_declares_receipts_and_replies(
    account, vendor, submission, settings
):
    vendor.answers('{"code":2,"msg":"ok","smsid":"16165686731585006595"}')

    answer = await account().submit(submission())

    [asked] = vendor.asked
    assert asked.target == "/webservice/sms.php?method=Submit"
    assert asked.form["mobile"] == "13800138000"
    assert asked.form["password"] == signed(asked.form)
    assert answer.provider_id == "16165686731585006595"
    can = IHUYI.capabilities_for(settings(signature="示例"))
    assert can.channels == {Channel.SMS}
    assert (can.text, can.templates) == (TextMode.APPROVED, True)
    assert (can.receipts, can.receipt_match_recipient) == (ReceiptMode.PUSH, True)
    assert (can.sender, can.sender_name) == (SenderMode.FIXED, "示例")
    assert (can.countries, can.inbound, can.balance) == ({"CN"}, True, True)


async def test_voice_calls_with_a_code_of_digits(account, vendor, submission, settings):
    vendor.answers('{"code":2,"msg":"ok","voiceid":"77"}')
    code = submission(channel=Channel.VOICE, text="254612")

    answer = await account(product="voice").submit(code)

    [asked] = vendor.asked
    assert asked.target == "/webservice/voice.php?method=Submit"
    assert asked.form["content"] == "254612"
    assert asked.form["password"] == signed(asked.form)
    assert answer.provider_id == "77"
    can = IHUYI.capabilities_for(settings(product="voice"))
    assert can.channels == {Channel.VOICE}
    assert (can.text, can.templates) == (TextMode.FREE, False)
    assert (can.receipts, can.inbound) == (ReceiptMode.NONE, False)


async def test_vm_speaks_a_text_to_mobiles_and_landlines(
    account, vendor, submission, settings
):
    vendor.answers('{"code":2,"msg":"ok","voiceid":78}')
    provider = account(product="vm")

    await provider.submit(submission(channel=Channel.VOICE))
    await provider.submit(submission(channel=Channel.VOICE, recipient=LANDLINE))

    to_mobile, to_landline = vendor.asked
    assert to_mobile.target == "/webservice/voice.php?method=Submit"
    assert to_mobile.form["mobile"] == "13800138000"
    assert to_landline.form["mobile"] == "01062345678"
    assert to_landline.form["password"] == signed(to_landline.form)
    can = IHUYI.capabilities_for(settings(product="vm"))
    assert (can.channels, can.text) == ({Channel.VOICE}, TextMode.APPROVED)
    assert (can.templates, can.receipts) == (False, ReceiptMode.NONE)


async def test_vm_takes_template_ids_at_the_newer_host(
    account, vendor, submission, settings
):
    vendor.answers('{"code":2,"msg":"ok","voiceid":"79"}')
    given = {"product": "vm", "host": "api.ihuyi.com"}
    template = BoundTemplate(id="12", params=(("name", "张三"), ("time", "9:00")))
    call = submission(channel=Channel.VOICE, template=template)

    answer = await account(**given).submit(call)

    [asked] = vendor.asked
    assert asked.target == "/vm/Submit.json"
    assert (asked.form["templateid"], asked.form["content"]) == ("12", "张三|9:00")
    assert answer.provider_id == "79"
    can = IHUYI.capabilities_for(settings(**given))
    assert (can.templates, can.balance) == (True, False)


async def test_isms_writes_country_code_space_number_and_has_no_replies(
    account, vendor, submission, settings
):
    vendor.answers('{"code":2,"msg":"ok","ismsid":"80"}')

    answer = await account(product="isms").submit(submission(recipient=HONG_KONG))

    [asked] = vendor.asked
    assert asked.target == "/webservice/isms.php?method=Submit"
    assert asked.form["mobile"] == "852 91234567"
    assert asked.form["password"] == signed(asked.form)
    assert answer.provider_id == "80"
    can = IHUYI.capabilities_for(settings(product="isms"))
    assert (can.channels, can.countries) == ({Channel.SMS}, None)
    assert (can.receipts, can.inbound) == (ReceiptMode.PUSH, False)
    assert not can.receipt_match_recipient


async def test_yx_sends_the_text_with_its_own_ending(
    account, vendor, submission, settings
):
    vendor.answers('{"code":2,"msg":"ok","smsid":"81"}')
    text = "新品上市，退订回T【示例】"

    answer = await account(product="yx").submit(submission(text=text))

    [asked] = vendor.asked
    assert asked.target == "/webservice/sms.php?method=Submit"
    assert asked.form["content"] == text
    assert asked.form["password"] == signed(asked.form)
    assert answer.provider_id == "81"
    can = IHUYI.capabilities_for(settings(product="yx"))
    assert (can.templates, can.receipts) == (False, ReceiptMode.NONE)
    assert (can.inbound, can.countries) == (False, {"CN"})


def test_the_schema_offers_exactly_the_products_and_their_hosts():
    schema = IHUYI.settings_schema
    offered = {
        rule["if"]["properties"]["product"]["const"]: tuple(
            rule["then"]["properties"]["host"]["enum"]
        )
        for rule in schema["allOf"]
    }

    assert offered == {name: tuple(p.interfaces) for name, p in PRODUCTS.items()}
    assert schema["properties"]["product"]["enum"] == list(PRODUCTS)


def test_the_provider_type_declares_no_less_than_any_account(settings):
    whole = IHUYI.capabilities

    for product in PRODUCTS:
        can = IHUYI.capabilities_for(settings(product=product))
        assert can.channels <= whole.channels
        assert can.inbound <= whole.inbound


@pytest.mark.parametrize(
    ("product", "phone", "written"),
    [
        ("sms", MAINLAND, "13800138000"),
        ("sms", LANDLINE, None),
        ("sms", HONG_KONG, None),
        ("voice", HONG_KONG, None),
        ("vm", HONG_KONG, None),
        ("isms", MAINLAND, None),
        ("isms", Phone("+1978234523", "1", "US"), "1 978234523"),
        ("yx", LANDLINE, None),
    ],
)
def test_a_number_is_written_as_its_product_wants_it_or_not_at_all(
    product, phone, written
):
    assert PRODUCTS[product].mobile(phone) == written


@given(
    code=st.sampled_from(["1", "7", "20", "44", "852", "971"]),
    national=st.from_regex(r"[1-9][0-9]{6,10}", fullmatch=True),
)
def test_an_international_number_survives_the_way_out_and_back(code, national):
    phone = Phone(f"+{code}{national}", code, None)
    body = f"code=2&ismsid=1&mobilephone={international(phone)}".encode()

    push = parse_push(WebhookRequest(url="", body=body), PRODUCTS["isms"], "CN")

    assert push.events[0].recipient == phone.address


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_a_mainland_number_survives_the_way_out_and_back(national):
    phone = Phone(f"+86{national}", "86", "CN")
    body = f"code=2&smsid=1&mobilephone={PRODUCTS['sms'].mobile(phone)}".encode()

    push = parse_push(WebhookRequest(url="", body=body), PRODUCTS["sms"], "CN")

    assert push.events[0].recipient == phone.address
