"""A vendor's template is filled with a message's parameters."""

from decimal import Decimal
from typing import Any

import pytest

from notify_core.model.channel import Kind
from notify_core.model.template import Binding, BindingMode, Template
from notify_core.provider import BoundTemplate
from notify_core.template.bindings import bound
from notify_core.template.catalogue import compiled


def test_parameters_stand_in_the_vendors_order_under_the_vendors_names() -> None:
    binding = Binding(template_id="T1", params=(("2", "b"), ("1", "a"), ("3", "a")))

    filled = bound(binding, {"a": "x", "b": "y", "unused": "z"})

    assert filled == BoundTemplate(id="T1", params=(("2", "y"), ("1", "x"), ("3", "x")))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("x", "x"),
        ("", ""),
        (7, "7"),
        (1.5, "1.5"),
        (Decimal("1.50"), "1.50"),
        (True, "true"),
        (False, "false"),
        (None, ""),
    ],
)
def test_values_are_written_as_texts(value: Any, written: str) -> None:
    filled = bound(Binding(template_id="T1", params=(("p", "a"),)), {"a": value})

    assert filled == BoundTemplate(id="T1", params=(("p", written),))


def test_a_parameter_that_is_left_out_is_empty() -> None:
    filled = bound(Binding(template_id="T1", params=(("p", "a"),)), {})

    assert filled == BoundTemplate(id="T1", params=(("p", ""),))


@pytest.mark.parametrize(
    "binding", [Binding(mode=BindingMode.TEXT, template_id="T1"), Binding()]
)
def test_without_an_id_the_text_is_sent(binding: Binding) -> None:
    assert bound(binding, {}) is None


def test_a_text_that_is_no_template_is_refused_when_it_is_compiled() -> None:
    broken = Template(name="t", kind=Kind.OTP, text="{{ code")

    with pytest.raises(ValueError, match="line 1"):
        compiled(broken)
