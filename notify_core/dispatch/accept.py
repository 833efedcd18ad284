"""Checks a message: nothing bad goes any further."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from notify_core.config.snapshot import Snapshot
from notify_core.errors import InvalidMessage, Problem
from notify_core.model.channel import Kind
from notify_core.model.checked import CheckedMessage
from notify_core.model.message import Message
from notify_core.model.recipient import Recipient, parse_recipient
from notify_core.model.validity import MOST_TEXT, message_problems
from notify_core.names import nearest
from notify_core.provider import ProviderType
from notify_core.schemas import validator
from notify_core.template.params import complaints
from notify_core.template.wording import Rendered


def accept(
    message: Message, snapshot: Snapshot, now: datetime, *, keeps: bool = False
) -> CheckedMessage:
    """Return a message that can be sent, made ready for routing.

    Args:
        message: As the caller gave it.
        snapshot: The configuration.
        now: The time, with time zone.
        keeps: Whether the outbox keeps messages for a time that lies ahead.

    Raises:
        InvalidMessage: It cannot be sent as it is; carries every problem.
    """
    problems = message_problems(message)
    if message.template is not None:
        problems += _template_problems(message, message.template, snapshot)
    if message.extra:
        problems += _extra_problems(message, snapshot)
    if message.not_before is not None and not keeps:
        problems += _timing_problems(message.not_before, now)
    recipient = _recipient(message, snapshot, problems)
    said = _said(message, snapshot, problems)
    if recipient is None or problems:
        raise InvalidMessage(problems)
    return CheckedMessage(
        message=message,
        recipient=recipient,
        kind=_kind(message, snapshot),
        accepted_at=now,
        text=said.text,
        content=said.content,
    )


def _recipient(
    message: Message, snapshot: Snapshot, problems: list[Problem]
) -> Recipient | None:
    try:
        return parse_recipient(message.channel, message.to, snapshot.region)
    except ValueError as error:
        problems.append(Problem(pointer="/to", message=str(error)))
        return None


def _said(message: Message, snapshot: Snapshot, problems: list[Problem]) -> Rendered:
    """Render what is said, once for all providers; faulty parameters render nothing."""
    if message.template is None:
        written = message.content
        return Rendered(None if written is None else written.text, written)
    if problems:
        return _NOTHING
    try:
        said = snapshot.templates[message.template].render(
            message.params, message.locale
        )
    except ValueError as error:
        why = f"do not fit the template: {error}"
        problems.append(Problem(pointer="/params", message=why))
        return _NOTHING
    if (fault := _rendered_fault(said)) is not None:
        problems.append(Problem(pointer="/params", message=fault))
    return said


_NOTHING = Rendered(None, None)


def _rendered_fault(said: Rendered) -> str | None:
    if said.text is None or said.text.strip():
        return None
    return "leave nothing of the template's text: give values that say something"


def _template_problems(
    message: Message, name: str, snapshot: Snapshot
) -> list[Problem]:
    known = snapshot.templates.get(name)
    if known is None:
        hint = nearest(name, snapshot.templates)
        return [Problem(pointer="/template", message=f"no template {name!r}; {hint}")]
    problems = known.params.problems(message.params)
    for param, value in message.params.items():
        fault = _param_fault(value) if isinstance(value, str) else None
        if fault is not None:
            problems.append(Problem(pointer=f"/params/{param}", message=fault))
    kind = known.template.kind
    if message.kind not in (None, kind):
        why = f"is {message.kind}, but template {name!r} is for {kind}"
        problems.insert(0, Problem(pointer="/kind", message=f"{why}: leave it out"))
    return problems


def _param_fault(value: str) -> str | None:
    """Return what no schema asks about: that nobody can send it."""
    if len(value) > MOST_TEXT:
        return f"has {len(value)} characters; at most {MOST_TEXT} are sent"
    if not value.isascii() and _has_surrogate(value):
        return "has half of a surrogate pair in it"
    return None


def _has_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _extra_problems(message: Message, snapshot: Snapshot) -> Iterator[Problem]:
    types = {p.type.name: p.type for p in snapshot.providers.values()}
    for name, options in message.extra.items():
        pointer = f"/extra/{name}"
        if not isinstance(options, Mapping):
            continue  # message problems say so
        if name not in types:
            why = f"no configured provider is of type {name!r}; {nearest(name, types)}"
            yield Problem(pointer=pointer, message=why)
            continue
        yield from _option_problems(types[name], options, pointer)


def _option_problems(
    type_: ProviderType, options: Mapping[str, Any], pointer: str
) -> Iterator[Problem]:
    if type_.extra_schema is not None:
        for error in validator(type_.extra_schema).iter_errors(dict(options)):
            yield from complaints(error, pointer)
    elif options:
        why = f"providers of type {type_.name!r} take no options: leave it out"
        yield Problem(pointer=pointer, message=why)


def _timing_problems(not_before: datetime, now: datetime) -> Iterator[Problem]:
    # Message problems say what is wrong with a time that has no zone.
    if not_before.utcoffset() is not None and not_before > now:
        why = "lies ahead, and this outbox does not outlive the process: send it then"
        yield Problem(pointer="/not_before", message=why)


def _kind(message: Message, snapshot: Snapshot) -> Kind:
    if message.template is not None:
        return snapshot.templates[message.template].template.kind
    return message.kind or Kind.NOTICE
