"""What a benchmark has to reach, declared beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import attrs


@attrs.frozen
class Requirement:
    """A figure and its bound."""

    #: Where the figure stands among all, from the outside in: `rate.batches`.
    figure: str
    sign: Literal["≥", "≤"]
    bound: float

    def is_met(self, figures: Mapping[str, Any]) -> bool:
        """Tell whether the figure keeps its bound."""
        reached = self._reached(figures)
        is_met = reached >= self.bound if self.sign == "≥" else reached <= self.bound
        return bool(is_met)

    def told(self, figures: Mapping[str, Any]) -> str:
        """Return a line that says what was reached."""
        end = "met" if self.is_met(figures) else "NOT met"
        return f"{self.figure} {self._reached(figures)} {self.sign} {self.bound}: {end}"

    def _reached(self, figures: Mapping[str, Any]) -> Any:
        reached: Any = figures
        for name in self.figure.split("."):
            reached = reached[name]
        return reached


def least(figure: str, bound: float) -> Requirement:
    """Require a figure to be so much, or more."""
    return Requirement(figure, "≥", bound)


def most(figure: str, bound: float) -> Requirement:
    """Require a figure to be so much, or less."""
    return Requirement(figure, "≤", bound)
