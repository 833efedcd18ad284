"""What is wrong with a template for an account is told before it is used."""

import pytest
from notify_ihuyi.provider_type import IHUYI
from notify_ihuyi.templates import DEFAULT_TEMPLATE

from notify_core.model.channel import Kind
from notify_core.model.template import Binding, BindingMode, Template, Wording

TEXT = Binding(mode=BindingMode.TEXT)
GOOD = "您的订单{{ a }}已发出。"


@pytest.fixture
def faults(settings):
    """Ask what is wrong with a template; returns (pointer, message, is a warning)."""

    def ask(text=GOOD, binding=TEXT, *, param=None, template=None, **given):
        schema = {"type": "object", "properties": {"a": param or {"type": "string"}}}
        template = template or Template(
            name="t", kind=Kind.NOTICE, params=schema, text=text
        )
        found = IHUYI.template_faults(settings(**given), template, binding)
        return [(fault.pointer, fault.message, fault.is_partial) for fault in found]

    return ask


def by_id(*params, template_id="7"):
    return Binding(template_id=template_id, params=tuple((p, p) for p in params))


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        DEFAULT_TEMPLATE.replace("【变量】", "{{ a }}"),
        "Your code is {{ a }}.",
        "您好{% if a %}，{{ a }}{% endif %}。",
    ],
)
def test_a_text_that_may_be_filed_so_has_no_faults(faults, text):
    assert faults(text) == []
    assert faults(text, signature="示例") == []


@pytest.mark.parametrize(
    ("text", "given", "told"),
    [
        ("【示例】{{ a }}您好。", {}, "carries a signature"),
        ("{{ a }}您好。【示例】 ", {}, "carries a signature"),
        ("您【示例】好{{ a }}。", {"signature": "示例"}, "carries a signature"),
        ("您好{{ a }}👋", {}, "has an emoji"),
        ("您好" * 10, {"max_length": 19}, "has 20 characters, the setting"),
        ("验证码{{ a }}", {"product": "voice"}, "takes a code of 4 to 6 digits"),
        ("1234567", {"product": "voice"}, "takes a code of 4 to 6 digits"),
        ("促销{{ a }}。", {"product": "yx"}, "must end with 退订回T【signature】"),
        (
            "促销。退订回T【别人】",
            {"product": "yx", "signature": "示例"},
            "must end with 退订回T【示例】",
        ),
    ],
)
def test_a_text_that_every_message_would_be_refused_for_is_an_error(
    faults, text, given, told
):
    errors = [(p, m) for p, m, is_warning in faults(text, **given) if not is_warning]

    assert [pointer for pointer, _ in errors] == ["/text"]
    assert told in errors[0][1]


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("{{ a }}", {"product": "voice"}),
        ("12{{ a }}", {"product": "voice"}),
        ("促销{{ a }}。退订回T【示例】", {"product": "yx", "signature": "示例"}),
        ("促销。退订回T【示例】", {"product": "yx"}),
        ("促销。退订回T【{{ a }}】", {"product": "yx"}),
        ("促销。{{ a }}", {"product": "yx", "signature": "示例"}),
    ],
)
def test_a_text_that_some_messages_can_be_sent_with_is_no_error(faults, text, given):
    assert [fault for fault in faults(text, **given) if not fault[2]] == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{{ a }}您好。", "begins with a variable"),
        ("[通知]您好{{ a }}。", "has [ or ] at an end"),
        ("您好{{ a }}[通知]", "has [ or ] at an end"),
        ("订单【{{ a }}】已发出。", "has 【 or 】"),
        (" 您好{{ a }}。", "begins or ends with a space"),
        ("您好{{ a }}。\n", "begins or ends with a space"),
        ("您好,{{ a }}。", "a half-width ',' beside a Chinese character"),
        (
            "您的验证码是:{{ a }}。请不要把验证码泄露给其他人。",
            "is the default template but for what follows '验证码是'",
        ),
        (
            "您的验证码是：{{ a }}。请不要把验证码泄露给其他人",
            None,
        ),
        (
            "您的验证码是： {{ a }}。请不要把验证码泄露给其他人。",
            "is the default template but for what follows '证码是：'",
        ),
    ],
)
def test_a_text_that_can_hardly_be_filed_so_is_a_warning(faults, text, told):
    found = faults(text)

    assert [(pointer, warning) for pointer, _, warning in found] == (
        [("/text", True)] if told else []
    )
    assert told is None or told in found[0][1]


def test_every_language_is_checked_at_its_place(faults):
    template = Template(
        name="t",
        kind=Kind.NOTICE,
        text="您好。",
        default_locale="zh-CN",
        locales={"en": Wording(text="Hello 👋")},
    )

    [(pointer, message, _)] = faults(template=template)

    assert pointer == "/text/en"
    assert "emoji" in message


@pytest.mark.parametrize("mark", ["|", "【", "】"])
def test_a_variable_that_may_hold_a_separator_is_a_warning(faults, mark):
    others = "".join(set("|【】") - {mark})
    param = {"type": "string", "pattern": f"^[^{others}]*$"}

    [(pointer, message, is_warning)] = faults(binding=by_id("a"), param=param)

    assert pointer == "/params/properties/a"
    assert f"may hold {mark!r}" in message
    assert is_warning


@pytest.mark.parametrize(
    "param",
    [
        {"type": "string", "pattern": "^[0-9]{4,8}$"},
        {"type": "string", "pattern": "^[^|【】]*$"},
        {"type": "integer"},
        {"enum": ["open", "closed"]},
        {"const": "open"},
    ],
)
def test_a_variable_that_holds_no_separator_has_no_fault(faults, param):
    assert faults(binding=by_id("a"), param=param) == []


def test_listed_values_with_separators_are_a_warning_or_all_of_them_an_error(faults):
    [(_, some, is_warning)] = faults(binding=by_id("a"), param={"enum": ["a|b", "c"]})
    [(_, every, is_error)] = faults(binding=by_id("a"), param={"enum": ["a|b"]})

    assert "may hold '|'" in some
    assert "always holds" in every
    assert (is_warning, is_error) == (True, False)


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ({}, [("may have more than 8 characters", True)]),
        ({"maxLength": 9}, [("may have more than 8 characters", True)]),
        ({"minLength": 9}, [("has 9 characters or more", False)]),
        ({"maxLength": 8}, []),
    ],
)
def test_the_accounts_limit_for_a_variable_is_kept_in_mind(faults, limits, told):
    param = {"type": "string", "pattern": "^[^|【】]*$", **limits}

    found = faults(binding=by_id("a"), param=param, variable_length=8)

    assert [(message.split(",")[0], partial) for _, message, partial in found] == told
    assert faults(binding=by_id("a"), param=param) == []


def test_a_listed_value_beyond_the_limit_is_a_warning(faults):
    param = {"enum": ["short", "much too long"]}

    [(_, message, is_warning)] = faults(
        binding=by_id("a"), param=param, variable_length=8
    )

    assert "more than 8" in message
    assert is_warning


def test_a_template_id_without_variables_is_an_error(faults):
    assert faults(binding=by_id()) == [
        (
            "/binding",
            "has no variable: bind it with `mode: text`, which sends the whole text",
            False,
        )
    ]


def test_the_default_template_has_one_variable(faults):
    param = {"type": "integer"}

    found = faults(binding=by_id("a", "a", template_id="1"), param=param)

    assert found == [
        ("/binding/params", "the default template `1` has one variable, not 2", True)
    ]
    assert faults(binding=by_id("a", template_id="1"), param=param) == []


def test_where_no_ids_are_taken_the_text_is_checked_whatever_is_bound(faults):
    [(pointer, message, _)] = faults(
        "促销。", by_id("a"), product="yx", signature="示例"
    )

    assert pointer == "/text"
    assert "must end with" in message
