"""The JSON document that a receiver gets: templates filled with a message's facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

import msgspec

from notify_core.names import nearest
from notify_core.provider import Submission
from notify_core.template.rendering import TextTemplate

Facts = Mapping[str, Any]
_Fill = Callable[[Facts], Any]

#: A text that is one name and nothing else becomes the value itself, of any kind.
_ONE_NAME = re.compile(r"\{\{ *([a-z_]+) *\}\}")

#: What a body can tell: each name, and where its value comes from.
_FACTS: Mapping[str, Callable[[Submission], Any]] = {
    "id": lambda submission: submission.reference,
    "kind": lambda submission: submission.kind.value,
    "endpoint": lambda submission: submission.recipient.address,
    "text": lambda submission: submission.text,
    "subject": lambda submission: _content(submission, "subject"),
    "html": lambda submission: _content(submission, "html"),
    "sender": lambda submission: submission.sender,
    "template": lambda submission: getattr(submission.template, "id", None),
    "params": lambda submission: dict(getattr(submission.template, "params", ())),
}
NAMES = frozenset({*_FACTS, "timestamp"})


#: The option of a message whose text is the whole body.
TEXT_IS_BODY = "text_is_body"


class Unfillable(ValueError):
    """A text of the body cannot be filled with this message; the words name it."""


def facts(submission: Submission, now: datetime) -> Facts:
    """Return what a body can tell of a message that is sent *now*; None: absent."""
    timestamp = now.astimezone(UTC).isoformat(timespec="seconds")
    told = {name: tell(submission) for name, tell in _FACTS.items()}
    return {**told, "timestamp": timestamp.replace("+00:00", "Z")}


def whole_body(submission: Submission) -> bytes | None:
    """Return the body that a message brings; None: it is the endpoint's document.

    Raises:
        Unfillable: What it brings is no JSON object.
    """
    if not submission.extra.get(TEXT_IS_BODY):
        return None
    body = (submission.text or "").encode()
    try:
        document = msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise Unfillable(f"{TEXT_IS_BODY} is set, and the text is no JSON object")
    return body


class Body:
    """A document of the settings, compiled.

    Raises:
        ValueError: A text in it is no template, or uses a name that there is not;
            says where, as a JSON pointer.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._fill = _compiled(document, "")

    def filled(self, told: Facts) -> bytes:
        """Return the document for one message, as compact JSON.

        Raises:
            Unfillable: A template asks for what the message has not.
        """
        return msgspec.json.encode(self._fill(told))


def _content(submission: Submission, name: str) -> str | None:
    return getattr(submission.content, name, None)


def _compiled(value: Any, pointer: str) -> _Fill:
    match value:
        case str():
            return _compiled_text(value, pointer)
        case Mapping():
            members = {k: _compiled(v, f"{pointer}/{k}") for k, v in value.items()}
            return lambda told: {k: fill(told) for k, fill in members.items()}
        case list():
            items = [_compiled(v, f"{pointer}/{n}") for n, v in enumerate(value)]
            return lambda told: [fill(told) for fill in items]
    return lambda _: value


def _compiled_text(text: str, pointer: str) -> _Fill:
    template = _template(text, pointer)
    if (name := _ONE_NAME.fullmatch(text)) is not None:
        return itemgetter(name[1])

    def fill(told: Facts) -> str:
        words = {name: "" if value is None else value for name, value in told.items()}
        try:
            return template.render(words)
        except ValueError:
            # Without the cause, which may quote a value of the message.
            raise Unfillable(f"the body's {pointer} does not fit the message") from None

    return fill


def _template(text: str, pointer: str) -> TextTemplate:
    try:
        template = TextTemplate(text)
    except (ValueError, SyntaxError, RecursionError, OverflowError) as error:
        raise ValueError(f"the body's {pointer} is no template: {error}") from error
    for name in sorted(template.names - NAMES):
        hint = nearest(name, NAMES)
        raise ValueError(f"the body's {pointer} uses {name!r}, unknown; {hint}")
    return template
