"""Checks the fields that all rows share, before any row is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from notify_core.config.snapshot import Snapshot
from notify_core.dispatch.accept import accept
from notify_core.errors import InvalidMessage, Problem
from notify_core.outbox.address import MEMORY
from notify_core.wire import message_from_builtins

#: What a field is tried with, which is looked at by itself.
_REST = {"to": "+8613800138000", "kind": "notice", "content": {"text": "Hello"}}
#: Instead, what a template is tried with: it brings kind and text.
_REST_OF_TEMPLATE = {"to": "+8613800138000"}


def check_usual(usual: Mapping[str, object], snapshot: Snapshot, now: datetime) -> None:
    """Refuse fields that are wrong in every row, whatever it says.

    What depends on the rest of a row, as its kind on its template, its row tells.

    Raises:
        InvalidMessage: Some are; carries every fault.
    """
    problems = [p for name in usual for p in _problems(name, usual, snapshot, now)]
    if problems:
        raise InvalidMessage(problems)


def _problems(
    name: str, usual: Mapping[str, object], snapshot: Snapshot, now: datetime
) -> Iterator[Problem]:
    rest = _REST_OF_TEMPLATE if name == "template" else _REST
    for problem in _faults({**rest, name: usual[name]}, snapshot, now):
        if problem.pointer.split("/")[1:2] == [name]:
            yield problem


def _faults(
    fields: Mapping[str, object], snapshot: Snapshot, now: datetime
) -> Sequence[Problem]:
    keeps = snapshot.storage.url != MEMORY
    try:
        message = message_from_builtins(fields)
        snapshot.routes.explain(accept(message, snapshot, now, keeps=keeps))
    except InvalidMessage as error:
        return error.problems
    return ()
