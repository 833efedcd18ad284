"""What a template says in one language, made ready for rendering."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import attrs

from notify_core.model.message import Content
from notify_core.model.template import Wording
from notify_core.model.validity import MOST_TEXT
from notify_core.template.rendering import TextTemplate


@attrs.frozen
class Rendered:
    """A template filled with a message's parameters."""

    #: None where the template has no text of its own.
    text: str | None = attrs.field(repr=False)
    #: With subject and HTML; None: only a text.
    content: Content | None = attrs.field(default=None, repr=False)


@attrs.frozen(kw_only=True)
class CompiledWording:
    """Text, subject and HTML in one language, compiled."""

    #: BCP 47 tag; None: for everybody.
    locale: str | None = None
    text: TextTemplate | None = attrs.field(default=None, repr=False)
    subject: TextTemplate | None = attrs.field(default=None, repr=False)
    html: TextTemplate | None = attrs.field(default=None, repr=False)

    @classmethod
    def of(cls, locale: str | None, said: Wording) -> CompiledWording:
        """Compile what is said.

        Raises:
            ValueError: One of the texts is no template.
        """
        return cls(
            locale=locale,
            text=None if said.text is None else compiled_text(said.text),
            subject=None if said.subject is None else compiled_text(said.subject),
            html=None if said.html is None else compiled_text(said.html, escaped=True),
        )

    def render(self, params: Mapping[str, Any]) -> Rendered:
        """Fill all parts.

        Raises:
            ValueError: One of them cannot be filled; says which and why, no value.
        """
        text = _filled("text", self.text, params)
        if self.subject is None and self.html is None:
            return Rendered(text)
        subject = _filled("subject", self.subject, params)
        html = _filled("html", self.html, params)
        if subject and has_line_break(subject):
            raise ValueError("subject: it has a line break: leave it out")
        return Rendered(text, Content(text=text or "", subject=subject, html=html))

    def parts(self) -> Iterator[tuple[str, TextTemplate]]:
        """Yield `text`, `subject` and `html` as far as there are."""
        for name in ("text", "subject", "html"):
            part: TextTemplate | None = getattr(self, name)
            if part is not None:
                yield name, part


@lru_cache(maxsize=512)
def compiled_text(text: str, *, escaped: bool = False) -> TextTemplate:
    """Return a compiled text; one that stays the same over a reload is kept.

    Raises:
        ValueError: It is no template.
    """
    return TextTemplate(text, escaped=escaped)


def has_line_break(text: str) -> bool:
    """Tell whether *text* is more than one line, or has an end of line."""
    return bool(text) and text.splitlines() != [text]


def _filled(
    name: str, part: TextTemplate | None, params: Mapping[str, Any]
) -> str | None:
    if part is None:
        return None
    try:
        filled = part.render(params)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    if len(filled) > MOST_TEXT:
        why = f"it has {len(filled)} characters; at most {MOST_TEXT} are sent"
        raise ValueError(f"{name}: {why}: give shorter values")
    return filled
