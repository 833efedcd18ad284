"""Templates match texts and take values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notify_ihuyi.emulator import Template

plain = st.text(st.characters(exclude_characters="【】"), min_size=1, max_size=5)


def template(content: str) -> Template:
    return Template(id="1", content=content)


@pytest.mark.parametrize(
    ("content", "text", "values"),
    [
        ("通知", "通知", ()),
        ("通知", "通知 ", None),
        ("码【变量】。", "码1。", ("1",)),
        ("码【变量】。", "码。", None),
        ("码【变量】。", "码1", None),
        ("码【变量】", "码a b", ("a b",)),
        ("从【变量1】到【变量2】止", "从a到b止", ("a", "b")),
        ("从【变量1】到【变量2】止", "从到到b止", ("到", "b")),
        ("从【变量1】到【变量2】止", "从a到止", None),
        ("从【变量1】到【变量2】止", "从a的b止", None),
        ("从【变量】【变量】止", "从ab止", ("a", "b")),
        ("从【变量】【变量】止", "从a止", None),
        ("价【变量】元【变量】元", "价1元2元", ("1", "2")),
    ],
)
def test_a_text_matches_if_the_words_around_the_variables_are_identical(
    content: str, text: str, values: tuple[str, ...] | None
) -> None:
    assert template(content).match(text) == values


@given(st.lists(plain, min_size=1, max_size=4), st.data())
def test_a_filled_template_always_matches_its_own_text(
    words: list[str], data: st.DataObject
) -> None:
    filed = template("始" + "【变量】".join(words) + "终")
    values = tuple(data.draw(plain) for _ in words[1:])

    text = filed.fill(values)

    assert text is not None
    found = filed.match(text)
    assert found is not None
    assert filed.fill(found) == text
