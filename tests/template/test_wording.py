"""A template speaks the recipient's language, and HTML is escaped."""

from typing import Any

import pytest

from notify_core.model.channel import Kind
from notify_core.model.message import Content
from notify_core.model.template import Template, Wording
from notify_core.model.validity import MOST_TEXT
from notify_core.template.catalogue import CompiledTemplate, compiled
from notify_core.template.rendering import TextTemplate
from notify_core.template.wording import Rendered


def template(**fields: Any) -> CompiledTemplate:
    return compiled(Template(name="t", kind=Kind.NOTICE, **fields))


CHINESE = template(
    text="您好 {{ a }}",
    default_locale="zh-CN",
    locales={
        "en": Wording(text="Hello {{ a }}"),
        "en-GB": Wording(text="Good day {{ a }}"),
        "zh-Hant": Wording(text="妳好 {{ a }}"),
    },
)


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        (None, "您好 x"),
        ("zh-CN", "您好 x"),
        ("en", "Hello x"),
        ("en-GB", "Good day x"),
        ("EN-gb", "Good day x"),
        ("en_GB", "Good day x"),
        ("en-US", "Hello x"),
        ("zh-Hant-TW", "妳好 x"),
        ("zh", "您好 x"),
        ("fr", "您好 x"),
        ("", "您好 x"),
    ],
)
def test_the_exact_language_is_spoken_then_a_wider_one_then_the_default(
    locale: str | None, text: str
) -> None:
    assert CHINESE.render({"a": "x"}, locale) == Rendered(text)


def test_the_chosen_language_is_told() -> None:
    assert CHINESE.wording("en-US").locale == "en"
    assert CHINESE.wording("fr").locale == "zh-CN"
    assert template(text="Hello").wording("fr").locale is None


def test_what_a_language_lacks_is_said_in_a_wider_one_or_the_default() -> None:
    mail = template(
        text="您好",
        subject="标题",
        html="<p>您好</p>",
        default_locale="zh",
        locales={
            "en": Wording(text="Hello", subject="Title"),
            "en-GB": Wording(text="Good day"),
        },
    )

    assert mail.render({}, "en-GB").content == Content(
        text="Good day", subject="Title", html="<p>您好</p>"
    )


def test_values_are_escaped_in_html_and_nowhere_else() -> None:
    mail = template(text="{{ a }}", subject="{{ a }}", html="<p>{{ a }}</p>")

    rendered = mail.render({"a": "<b>&"})

    assert rendered == Rendered(
        "<b>&", Content(text="<b>&", subject="<b>&", html="<p>&lt;b&gt;&amp;</p>")
    )


@pytest.mark.parametrize("html", ["<p>{{ a }}</p>", "<p>{{ a }}{{ 1 }}</p>"])
def test_html_is_escaped_by_hand_as_by_the_library(html: str) -> None:
    rendered = TextTemplate(html, escaped=True).render({"a": "<\"'>"})

    assert rendered.startswith("<p>&lt;&#34;&#39;&gt;")


def test_a_template_without_texts_renders_none() -> None:
    assert template().render({"a": "x"}) == Rendered(None)


def test_a_template_without_texts_has_none_for_a_provider_to_check() -> None:
    assert list(template().template.texts()) == []


@pytest.mark.parametrize("value", ["x\nBcc: all", "x\ry", "x\u2028y", "x\x0by", "x\n"])
def test_a_subject_with_a_line_break_is_refused(value: str) -> None:
    mail = template(text="Hello", subject="To {{ a }}")

    with pytest.raises(ValueError, match=r"^subject: it has a line break"):
        mail.render({"a": value})


@pytest.mark.parametrize("part", ["text", "subject", "html"])
def test_what_cannot_be_filled_says_in_which_part(part: str) -> None:
    mail = template(**{"text": "Hello", part: "{{ a }}"})

    with pytest.raises(ValueError, match=f"^{part}: it uses a, not given"):
        mail.render({})


@pytest.mark.parametrize(
    "text",
    [
        "{% include 'x' %}",
        "{% extends 'x' %}",
        "{% import 'x' as y %}",
        "{% from 'x' import y %}",
    ],
)
def test_a_text_takes_no_other_template_in(text: str) -> None:
    with pytest.raises(ValueError, match=r"write its text here \(line 1\)"):
        TextTemplate(text)


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("{{ a }}", "a"),
        ("{{ a | upper }} {{ b.c }}", "ab"),
        ("{{ a | default('') }}", ""),
        ("{{ a.b | default('') }}", "a"),
        ("{% if a %}{{ b }}{% endif %}", "a"),
        ("{% if a is defined and a %}{{ a }}{% endif %}", ""),
        ("{% for x in a %}{{ x }}{{ b }}{% endfor %}", "a"),
        ("{{ a if b else c }}", "b"),
        ("{{ a or b }}", "a"),
        ("{% set x = a %}{{ x }}", "a"),
        ("{% macro m(x) %}{{ a }}{% endmacro %}", ""),
    ],
)
def test_a_text_knows_what_it_cannot_do_without(text: str, needed: str) -> None:
    made = TextTemplate(text)

    assert made.needed == set(needed)
    assert made.needed <= made.names


def test_a_text_tells_its_own_words() -> None:
    text = "Hello {{ a }}, {% if b %}you{% endif %} there"

    assert TextTemplate(text).words == ("Hello ", None, ", ", None, " there")


def test_values_cannot_make_a_text_longer_than_a_caller_may_write_one() -> None:
    longest = template(text="{{ 'x' * n }}")

    assert longest.render({"n": MOST_TEXT}, None).text == "x" * MOST_TEXT
    with pytest.raises(ValueError, match="text: it has 100001 characters"):
        longest.render({"n": MOST_TEXT + 1}, None)
