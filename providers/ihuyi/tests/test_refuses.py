"""What an account refuses before anything is sent, and how many parts it counts."""

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from notify_ihuyi.provider_type import IHUYI

from notify_core.model.channel import Channel, Kind
from notify_core.model.recipient import Phone
from notify_core.provider import BoundTemplate, Submission

MAINLAND = Phone("+8613800138000", "86", "CN")
LANDLINE = Phone("+861062345678", "86", "CN")
HONG_KONG = Phone("+85291234567", "852", "HK")


@pytest.fixture
def refusal(settings, submission):
    """Ask whether an account of these settings takes a text or variables."""

    def ask(text="您好。", *, params=None, recipient=MAINLAND, **given):
        template = BoundTemplate(id="9", params=params) if params is not None else None
        asked = submission(text=text, template=template, recipient=recipient)
        return IHUYI.refuses(settings(**given), asked)

    return ask


@pytest.mark.parametrize(
    "text",
    [
        "您的验证码是：2546。请不要把验证码泄露给其他人。",
        "★ ☎ ✓ © ™ → 123",  # characters, not pictures
        "𠮷野家",  # beyond the basic plane, and no emoji
        "订单【123】已发货。",  # for the vendor to match
        "x" * 2_000,
    ],
)
def test_what_may_be_right_is_left_to_the_vendor(refusal, text):
    assert refusal(text) is None
    assert refusal(text, signature="示例") is None


@pytest.mark.parametrize("text", ["", " \n", None])
def test_an_empty_text_is_refused(refusal, text):
    assert "the text is empty" in refusal(text)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("您好👋", "at character 3"),
        ("❤\ufe0f", "at character 2"),
        ("1\ufe0f\u20e3", "at character 2"),
        ("ok ✅", "at character 4"),
        ("🇨🇳", "at character 1"),
    ],
)
def test_an_emoji_is_refused_with_its_place(refusal, text, place):
    refused = refusal(text)

    assert place in refused
    assert "4074" in refused
    assert text not in refused


def test_half_a_character_is_refused_before_it_breaks_the_request(refusal):
    assert "lone surrogate) at character 3" in refusal("ab\ud83d")
    assert "variable 'a' has half a character" in refusal(params=(("a", "\ud83d"),))


@pytest.mark.parametrize(
    ("text", "signature"),
    [
        ("【示例】您好。", None),
        ("您好。【示例】", None),
        ("您好。【示例】 \n", None),
        ("您【示例】好。", "示例"),
    ],
)
def test_a_text_with_a_signature_is_refused(refusal, text, signature):
    given = {"signature": signature} if signature else {}

    assert "carries a signature" in refusal(text, **given)


def test_a_text_is_measured_only_when_the_setting_says_so(refusal):
    refused = refusal("x" * 301, max_length=300)

    assert "301 characters, the setting `max_length` allows 300" in refused
    assert refusal("x" * 300, max_length=300) is None
    assert refusal("x" * 301) is None


def test_the_text_behind_a_template_is_measured_too(refusal):
    params = (("name", "张三"),)

    assert "max_length" in refusal("x" * 301, params=params, max_length=300)
    assert refusal(None, params=params, max_length=1) is None


@pytest.mark.parametrize(
    ("value", "mark"), [("a|b", "'|' at character 2"), ("【x", "'【'"), ("x】", "'】'")]
)
def test_a_variable_with_the_platforms_own_marks_is_refused(refusal, value, mark):
    refused = refusal(params=(("id", "1"), ("name", value)))

    assert "variable 'name'" in refused
    assert mark in refused


def test_an_emoji_in_a_variable_is_refused_with_its_place(refusal):
    refused = refusal(params=(("name", "张三🎉"),))

    assert "variable 'name' has an emoji at character 3" in refused


def test_a_variable_is_measured_only_when_the_setting_says_so(refusal):
    params = (("name", "123456789"),)

    assert "the setting `variable_length` allows 8" in refusal(
        params=params, variable_length=8
    )
    assert refusal(params=params, variable_length=9) is None
    assert refusal(params=params) is None


@pytest.mark.parametrize("params", [(), (("name", ""),), (("a", " "), ("b", ""))])
def test_a_template_without_any_value_is_refused(refusal, params):
    refused = refusal(params=params)

    assert "template 9 has no variable with a value" in refused
    assert "mode: text" in refused


@pytest.mark.parametrize(
    ("product", "recipient", "why"),
    [
        ("sms", HONG_KONG, "product sms serves mainland mobile numbers"),
        ("sms", LANDLINE, "product sms serves mainland mobile numbers"),
        ("voice", LANDLINE, "product voice serves mainland mobile numbers"),
        ("vm", HONG_KONG, "product vm serves mainland numbers"),
        ("isms", MAINLAND, "product isms serves numbers outside the mainland"),
        ("yx", HONG_KONG, "product yx serves mainland mobile numbers"),
    ],
)
def test_a_number_that_the_product_does_not_serve_is_refused(
    refusal, product, recipient, why
):
    refused = refusal(product=product, recipient=recipient)

    assert why in refused
    assert recipient.national not in refused


@pytest.mark.parametrize("text", ["123", "1234567", "12a4", "验证码1234", "１２３４"])
def test_voice_takes_a_code_of_digits_only(refusal, text):
    assert "a code of 4 to 6 digits" in refusal(text, product="voice")
    assert refusal("1234", product="voice") is None


def test_a_marketing_text_must_carry_its_ending(refusal):
    ending = "退订回T【示例】"

    assert refusal(f"新品{ending}", product="yx", signature="示例") is None
    assert refusal(f"新品{ending}", product="yx") is None
    assert ending in refusal("新品", product="yx", signature="示例")
    assert ending in refusal("新品退订回T【别人】", product="yx", signature="示例")
    assert "退订回T" in refusal("【示例】新品", product="yx")


def test_what_is_spoken_carries_no_signature(refusal):
    assert refusal("您好【示例】", product="vm", signature="示例") is None


@hypothesis_settings(max_examples=50)
@given(secret=st.from_regex(r"[a-z]{6}[0-9]{6}", fullmatch=True), data=st.data())
def test_a_refusal_never_shows_what_it_refuses(secret, data):
    settings = {"product": "sms", "max_length": 4, "variable_length": 4}
    value = data.draw(
        st.sampled_from([f"{secret}🎉", f"{secret}|", secret, f"【{secret}】"])
    )
    is_template = data.draw(st.booleans())
    submission = Submission(
        message="m",
        reference="m",
        recipient=MAINLAND,
        channel=Channel.SMS,
        kind=Kind.OTP,
        text=None if is_template else value,
        template=BoundTemplate(id="1", params=(("v", value),)) if is_template else None,
    )

    refused = IHUYI.refuses(settings, submission)

    assert refused
    assert secret not in refused
    assert "13800138000" not in refused


@pytest.mark.parametrize(
    ("characters", "signature", "parts"),
    [
        (70, None, 1),
        (71, None, 2),
        (66, "示例", 1),  # 【示例】 counts 4
        (67, "示例", 2),
        (130, "示例", 2),
        (131, "示例", 3),
    ],
)
def test_parts_are_counted_by_70_and_67_with_the_signature(
    settings, submission, characters, signature, parts
):
    given = settings(**({"signature": signature} if signature else {}))
    submitted = submission(text="字" * characters)

    assert IHUYI.segments(given, submitted) == parts


def test_a_templates_text_is_counted_and_its_variables_where_that_is_unknown(
    settings, submission
):
    template = BoundTemplate(id="9", params=(("a", "x" * 40), ("b", "y" * 31)))

    whole = submission(text="字" * 140, template=template)
    only_variables = submission(text=None, template=template)

    assert IHUYI.segments(settings(), whole) == 3
    assert IHUYI.segments(settings(), only_variables) == 2


def test_a_marketing_text_carries_its_signature_already(settings, submission):
    text = "字" * 62 + "退订回T【示例】"

    given = settings(product="yx", signature="示例")

    assert IHUYI.segments(given, submission(text=text)) == 1


def test_a_call_is_one_part(settings, submission):
    assert IHUYI.segments(settings(product="vm"), submission(text="字" * 180)) == 1
