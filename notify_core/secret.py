"""A value that no log, error or dump may show."""

from __future__ import annotations

import hmac


class Secret:
    """A secret string: it is revealed on purpose or not at all."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the secret itself."""
        return self._value

    def matches(self, given: str) -> bool:
        """Compare in constant time."""
        mine, other = (t.encode(errors="surrogatepass") for t in (self._value, given))
        return hmac.compare_digest(mine, other)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.matches(other._value)

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __repr__(self) -> str:
        return "Secret('***')"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written anywhere")
