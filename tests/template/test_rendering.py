"""Texts are filled, in a sandbox, and say what they lack."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from notify_core.template.rendering import TextTemplate

WORDS = st.text(st.characters(exclude_characters="{}%#", exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    ("text", "params", "rendered"),
    [
        ("Hello", {}, "Hello"),
        ("{{ a }}", {"a": "x"}, "x"),
        ("{{ a }} and {{ b }}\n", {"a": "x", "b": "y"}, "x and y\n"),
        ("{{ a }}", {"a": 7}, "7"),
        ("{{ a }}", {"a": None}, "None"),
        ("{{ a }}", {"a": "<b>&"}, "<b>&"),
        ("{{ a | upper }}", {"a": "x"}, "X"),
        ("{% if a == 'x' %}yes{% endif %}", {"a": "x"}, "yes"),
        ("{% raw %}{{ a }}{% endraw %}", {}, "{{ a }}"),
        ("{{ a }}", {"a": "{{ b }}"}, "{{ b }}"),
        ("您的验证码是：{{ code }}。", {"code": "1234"}, "您的验证码是：1234。"),
    ],
)
def test_a_text_is_filled(text: str, params: dict[str, Any], rendered: str) -> None:
    assert TextTemplate(text).render(params) == rendered


@given(WORDS, WORDS, st.dictionaries(st.sampled_from("ab"), st.text() | st.integers()))
def test_plain_texts_are_filled_as_the_template_library_would(
    before: str, after: str, params: dict[str, Any]
) -> None:
    text = f"{before}{{{{ a }}}}{after}{{{{b}}}}"
    library = SandboxedEnvironment(
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,
    )

    if params.keys() == {"a", "b"}:
        expected = library.from_string(text).render(params)
        assert TextTemplate(text).render(params) == expected
    else:
        with pytest.raises(ValueError, match="not given"):
            TextTemplate(text).render(params)


def test_a_text_names_what_it_uses() -> None:
    used = TextTemplate("{{ a }}{% for i in b %}{{ i }}{{ c.d }}{% endfor %}").names

    assert used == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("text", "line"), [("{{ a", 1), ("\n\n{% if %}", 3), ("{{ a | nothing }}", 1)]
)
def test_what_is_no_template_says_in_which_line(text: str, line: int) -> None:
    with pytest.raises(ValueError, match=rf"\(line {line}\)"):
        TextTemplate(text)


@pytest.mark.parametrize(
    "text",
    [
        "{{ a.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ a.append(1) }}",
        "{% for i in range(999999999) %}x{% endfor %}",
        "{{ '%s' % cycler.__init__.__globals__ }}",
    ],
)
def test_a_text_gets_nowhere_out_of_the_sandbox(text: str) -> None:
    with pytest.raises(ValueError, match=r"raises (Security|Undefined|Overflow)Error"):
        TextTemplate(text).render({"a": []})


def test_what_is_missing_is_named_with_what_to_do() -> None:
    text = TextTemplate("{{ a }}{{ b }}{{ c | default('') }}")

    with pytest.raises(ValueError, match="b, c, not given: give it, or write a def"):
        text.render({"a": "x"})


def test_an_error_tells_no_value() -> None:
    with pytest.raises(ValueError, match=r"^it raises TypeError$") as failed:
        TextTemplate("{{ a + 1 }}").render({"a": "s3cret"})

    assert failed.value.__suppress_context__
