"""The form in which stores keep records: JSON, by the converter of the wire.

A record is kept in two parts: its *facts*, which hold the address and what is said and
are written once, and its *progress*, which every change writes anew. A field that has
its default is left out, so a default may not change without a new version of the form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, cast

import attrs
import msgspec
from cattrs import BaseValidationError, Converter
from cattrs.gen import make_dict_unstructure_fn, override

from notify_core.errors import StoreUnavailable
from notify_core.model.message import Message
from notify_core.model.receipt import Receipt
from notify_core.model.recipient import Email, Endpoint, Phone, Recipient
from notify_core.outbox.inbound import Inbound
from notify_core.outbox.port import Found
from notify_core.outbox.record import Erased, Record, is_open
from notify_core.wire.converter import new_converter
from notify_core.wire.misfit import Misfit, problems_of
from notify_core.wire.writing import written_time

#: The version of the form. A field with a default may be added without a new one.
FORMAT = 1

#: The fields that only an erasure changes.
FACTS = frozenset(
    {"message", "recipient", "kind", "accepted_at", "text", "content", "erased"}
)
_COMPUTED = frozenset({"status"})


class Unreadable(StoreUnavailable):
    """What is stored is no record in a form that this version knows."""


@attrs.frozen
class Name:
    """What a receipt may call an attempt."""

    #: `provider_id`, `reference` or, while its answer is lost, `address`.
    kind: str
    account: str
    name: str
    #: Number of the attempt.
    number: int


def facts_of(record: Record) -> str:
    """Return the part of a record that is written once."""
    return _json(_write_facts(record))


def progress_of(record: Record) -> str:
    """Return the part of a record that changes."""
    return _json(_write_progress(record))


def has_same_facts(one: Record, other: Record) -> bool:
    """Tell whether two states of a message differ in their progress alone."""
    before, after = vars(one), vars(other)
    return all(
        before[field] is after[field] or before[field] == after[field]
        for field in FACTS
    )


def record_from(facts: str, progress: str, form: int) -> Record:
    """Return the record of its two parts.

    Raises:
        Unreadable: A newer version wrote it, or something else did.
    """
    if form > FORMAT:
        raise Unreadable(f"form {form}; this version reads forms up to {FORMAT}")
    try:
        whole = {**msgspec.json.decode(facts), **msgspec.json.decode(progress)}
        return _CONVERTER.structure(whole, Record)
    except (BaseValidationError, Misfit) as error:
        faults = "; ".join(str(problem) for problem in problems_of(error))
        raise Unreadable(faults) from None
    except (msgspec.MsgspecError, TypeError) as error:
        raise Unreadable(f"no record: {error}") from None


def content_of(message: Message) -> str:
    """Return what makes two messages the same: everything but their ids."""
    content = _CONVERTER.unstructure(message)
    del content["id"]
    stable = msgspec.json.encode(content, enc_hook=_exact, order="deterministic")
    return stable.decode()


def receipt_json(receipt: Receipt) -> str:
    """Return a receipt as it is stored."""
    return _json(_CONVERTER.unstructure(receipt))


def receipt_from(stored: str) -> Receipt:
    """Return a stored receipt."""
    return _CONVERTER.structure(msgspec.json.decode(stored), Receipt)


def inbound_json(kept: Inbound) -> str:
    """Return a reply as it is stored."""
    return _json(_CONVERTER.unstructure(kept))


def inbound_from(stored: str) -> Inbound:
    """Return a stored reply."""
    return _CONVERTER.structure(msgspec.json.decode(stored), Inbound)


def names_of(record: Record) -> Iterator[Name]:
    """Yield what the record's attempts may be called."""
    for attempt in record.attempts:
        account, number = attempt.account, attempt.number
        if attempt.provider_id is not None:
            yield Name("provider_id", account, attempt.provider_id, number)
        # By its id a message is found without a name.
        if attempt.reference not in (None, record.message.id):
            yield Name("reference", account, attempt.reference, number)
        if is_open(attempt) and record.erased is not Erased.ADDRESS:
            yield Name("address", account, record.recipient.address, number)


def by_own_id(record: Record | None, account: str) -> Found | None:
    """Return the last attempt at an account whose reference is the message's id."""
    if record is None:
        return None
    name = (account, record.message.id)
    named = [a.number for a in record.attempts if (a.account, a.reference) == name]
    return Found(record=record, number=named[-1]) if named else None


def _json(value: object) -> str:
    return msgspec.json.encode(value, enc_hook=_exact).decode()


def _exact(text: object) -> str:
    """Return the string that a subclass of `str` is, as frameworks mark safe HTML."""
    return str.__str__(cast("str", text))


def _stored_converter() -> Converter:
    converter = new_converter(brief=True)
    converter.register_unstructure_hook(Recipient, _written_recipient)
    converter.register_structure_hook(Recipient, _read_recipient)
    converter.register_unstructure_hook(datetime, _stored_time)
    converter.register_unstructure_hook(Message, _message_writer(converter))
    return converter


def _stored_time(moment: datetime) -> datetime | str:
    # The encoder writes UTC by itself, and faster.
    return moment if moment.tzinfo is UTC else written_time(moment)


def _message_writer(converter: Converter) -> Any:
    # Its default is another id each time: nothing to compare with.
    always = override(omit_if_default=False)
    brief = converter.omit_if_default
    return make_dict_unstructure_fn(
        Message, converter, _cattrs_omit_if_default=brief, id=always
    )


def _written_recipient(recipient: Recipient) -> dict[str, str | None]:
    # By hand: the library's copy takes longer than all the rest of a record.
    name, fields = _WRITTEN[type(recipient)]
    written = {field: getattr(recipient, field) for field in fields}
    return {"type": name, **written}


def _read_recipient(stored: Any, _: object) -> Recipient:
    fields = dict(stored)
    return _RECIPIENTS[fields.pop("type")](**fields)


def _writer(converter: Converter, left_out: frozenset[str]) -> Any:
    omitted: Any = {name: override(omit=True) for name in left_out | _COMPUTED}
    return make_dict_unstructure_fn(
        Record, converter, _cattrs_omit_if_default=converter.omit_if_default, **omitted
    )


_RECIPIENTS: Mapping[str, Callable[..., Recipient]] = {
    "phone": Phone,
    "email": Email,
    "endpoint": Endpoint,
}
_WRITTEN: Mapping[type, tuple[str, tuple[str, ...]]] = {
    Phone: ("phone", ("address", "country_code", "country")),
    Email: ("email", ("address", "country")),
    Endpoint: ("endpoint", ("address", "country")),
}
_CONVERTER = _stored_converter()
_FIELDS = frozenset(field.name for field in attrs.fields(Record))
_write_facts = _writer(_CONVERTER, _FIELDS - FACTS)
_write_progress = _writer(_CONVERTER, FACTS)
