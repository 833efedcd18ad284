"""Templates: `【变量】` stands for a value (API document v3.3 of 2018-05-16)."""

from __future__ import annotations

import re
from typing import Any

import attrs

_VARIABLE = re.compile(r"【变量[0-9]*】")
_BRACKETS = re.compile(r"[【】]")
_OTP_WORD = "验证码"


def _usable(_: object, __: object, content: str) -> None:
    if fault := template_fault(content):
        raise ValueError(f"template: {fault}")


def template_fault(content: str) -> str | None:
    """Return which of the vendor's rules *content* breaks."""
    if not content:
        return "it is empty"
    if _VARIABLE.match(content):
        return "it must not start with a variable"
    if _BRACKETS.search(_VARIABLE.sub("", content)):
        return "only 【变量】 may stand in 【】, and no signature"
    if content[0] in "[]" or content[-1] in "[]":
        return "it must not begin or end with [ or ]"
    return None


def _pieces(template: Any) -> tuple[str, ...]:
    return tuple(_VARIABLE.split(template.content))


@attrs.frozen(kw_only=True)
class Template:
    """One filed template."""

    #: The vendor's id, `1`.
    id: str
    #: The text, without signature.
    content: str = attrs.field(validator=_usable)
    #: Whether the vendor has approved it.
    approved: bool = True
    #: Longest value; None: the setting `max_variable_length`.
    max_variable_length: int | None = attrs.field(
        default=None, validator=attrs.validators.optional(attrs.validators.ge(1))
    )
    #: Whether the limit for verification codes counts it; None: if it says 验证码.
    verification: bool | None = None
    #: The text around the variables.
    pieces: tuple[str, ...] = attrs.field(
        init=False, repr=False, default=attrs.Factory(_pieces, takes_self=True)
    )

    @property
    def is_verification(self) -> bool:
        """Whether it carries a verification code."""
        if self.verification is None:
            return _OTP_WORD in self.content
        return self.verification

    def match(self, text: str) -> tuple[str, ...] | None:
        """Return the values in *text*, or None if it is not this template's.

        Literal text must be identical; every variable takes at least one character,
        and as few as possible.
        """
        first, *rest = self.pieces
        if not rest:
            return () if text == first else None
        *middle, last = rest
        if not (text.startswith(first) and text.endswith(last)):
            return None
        return _values(text, len(first), len(text) - len(last), middle)

    def fill(self, values: tuple[str, ...]) -> str | None:
        """Return the text with *values*, or None if their number does not fit."""
        first, *rest = self.pieces
        if len(values) != len(rest) or not all(values):
            return None
        return first + "".join(
            value + piece for value, piece in zip(values, rest, strict=True)
        )


def _values(
    text: str, start: int, end: int, literals: list[str]
) -> tuple[str, ...] | None:
    values = []
    for literal in literals:
        found = text.find(literal, start + 1, end)
        if found < 0:
            return None
        values.append(text[start:found])
        start = found + len(literal)
    return (*values, text[start:end]) if end > start else None


#: The vendor's own, approved for everybody.
DEFAULT_TEMPLATE = Template(
    id="1",
    content="您的验证码是：【变量】。请不要把验证码泄露给其他人。",
    max_variable_length=8,
)
