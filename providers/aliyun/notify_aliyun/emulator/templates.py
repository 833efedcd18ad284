"""Filed templates: `${name}` stands for a value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

import attrs

_VARIABLE = re.compile(r"\$\{(\w+)\}")


@attrs.frozen(kw_only=True)
class Template:
    """One approved template."""

    #: The vendor's id, `SMS_15305`.
    code: str
    #: The text, without signature.
    content: str
    #: What it is for; decides on the limits for one number.
    kind: Literal["otp", "notice", "marketing"] = "otp"
    #: True: for numbers outside the mainland, and for no others.
    abroad: bool = False
    #: Longest value of a variable.
    max_length: int = attrs.field(default=35, validator=attrs.validators.ge(1))

    @property
    def variables(self) -> frozenset[str]:
        """The names in the text."""
        return frozenset(_VARIABLE.findall(self.content))

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the text with *values*."""
        return _VARIABLE.sub(lambda found: values[found[1]], self.content)


#: What the emulator has when no settings are given.
DEFAULT_TEMPLATES = (
    Template(code="SMS_15305", content="您的验证码为：${code}，请勿泄露于他人！"),
    Template(code="SMS_25305", content="Your code is ${code}.", abroad=True),
)
