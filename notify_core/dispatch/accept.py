"""Check a message and make the record of it: nothing bad goes any further."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from jsonschema import Draft202012Validator

from notify_core.config.snapshot import Snapshot
from notify_core.errors import InvalidMessage, Problem
from notify_core.model.channel import Kind
from notify_core.model.message import Message
from notify_core.model.outcome import Reason
from notify_core.model.recipient import Recipient, parse_recipient
from notify_core.model.validity import MOST_TEXT, message_problems
from notify_core.names import nearest
from notify_core.outbox.record import Record
from notify_core.routing.route import Route
from notify_core.template.params import worded


def accept(message: Message, route: Route, snapshot: Snapshot, now: datetime) -> Record:
    """Return the record of a message that can be sent.

    Raises:
        InvalidMessage: It cannot be sent as it is; carries every problem.
    """
    problems = message_problems(message)
    if message.template is not None:
        problems += _template_problems(message, message.template, snapshot)
    if message.extra:
        problems += _extra_problems(message, snapshot)
    if message.not_before is not None:
        problems += _timing_problems(message.not_before, now)
    recipient = _recipient(message, snapshot, problems)
    text = _text(message, snapshot, problems)
    if recipient is None or problems:
        raise InvalidMessage(problems)
    deadline, reason = _deadline(message, route, now)
    return Record(
        message=message,
        recipient=recipient,
        kind=_kind(message, snapshot),
        accepted_at=now,
        deadline=deadline,
        deadline_reason=reason,
        route=route.name,
        text=text,
    )


def _recipient(
    message: Message, snapshot: Snapshot, problems: list[Problem]
) -> Recipient | None:
    try:
        return parse_recipient(message.channel, message.to, snapshot.region)
    except ValueError as error:
        problems.append(Problem(pointer="/to", message=str(error)))
        return None


def _text(message: Message, snapshot: Snapshot, problems: list[Problem]) -> str | None:
    """Render the text, once for all providers; faulty parameters render nothing."""
    if message.template is None:
        return message.content.text if message.content else None
    if problems or (template := snapshot.templates[message.template].text) is None:
        return None
    try:
        text = template.render(message.params)
    except ValueError as error:
        why = f"do not fit the template's text: {error}"
        problems.append(Problem(pointer="/params", message=why))
        return None
    if (fault := _rendered_fault(text)) is not None:
        problems.append(Problem(pointer="/params", message=fault))
    return text


def _rendered_fault(text: str) -> str | None:
    if not text.strip():
        return "leave nothing of the template's text: give values that say something"
    if len(text) > MOST_TEXT:
        return f"give a text of {len(text)} characters; at most {MOST_TEXT} are sent"
    return None


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
        schema = types[name].extra_schema
        schema = {"additionalProperties": False} if schema is None else schema
        for error in Draft202012Validator(schema).iter_errors(dict(options)):
            path = "".join(f"/{part}" for part in error.absolute_path)
            yield Problem(pointer=pointer + path, message=worded(error))


def _timing_problems(not_before: datetime, now: datetime) -> Iterator[Problem]:
    # Message problems say what is wrong with a time that has no zone.
    if not_before.utcoffset() is not None and not_before > now:
        why = "lies ahead, and this outbox does not outlive the process: send it then"
        yield Problem(pointer="/not_before", message=why)


def _deadline(message: Message, route: Route, now: datetime) -> tuple[datetime, Reason]:
    """Return when the last attempt must have ended, and what it is called then."""
    longest = route.policy.deadline
    # Spans are compared, since there is no time of day a million years ahead.
    if message.validity is None or message.validity > longest:
        return now + longest, Reason.DEADLINE_EXCEEDED
    return now + message.validity, Reason.EXPIRED


def _kind(message: Message, snapshot: Snapshot) -> Kind:
    if message.template is not None:
        return snapshot.templates[message.template].template.kind
    return message.kind or Kind.NOTICE
