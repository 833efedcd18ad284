"""Hypothesis strategies: any value of the model, as it may come up in life."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import attrs
from hypothesis import settings
from hypothesis import strategies as st

from notify_core.model.attempt import Attempt
from notify_core.model.event import EVENT_TYPES, Event
from notify_core.model.identifier import new_id
from notify_core.model.message import Content, Message
from notify_core.model.receipt import (
    Balance,
    InboundMessage,
    Receipt,
    TemplateReview,
)
from notify_core.model.result import Exclusion, Result
from notify_core.model.template import Binding, Template, Wording

#: For tests whose single example is not quick.
few = settings(max_examples=25, deadline=None)

Strategy = st.SearchStrategy[Any]

texts = st.text(max_size=12)
#: Python holds times in the hour that comes twice for unequal: only fixed offsets.
times = st.datetimes(
    timezones=st.integers(-14 * 60, 14 * 60).map(
        lambda minutes: timezone(timedelta(minutes=minutes))
    )
)
#: As durations are meant; a stranger one is `st.timedeltas()`.
durations = st.timedeltas(timedelta(microseconds=1), timedelta(days=400))
seconds = st.floats(0, 1e6)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | seconds | texts,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
    ),
    max_leaves=6,
)
open_objects = st.dictionaries(texts, json_values, max_size=3)

_PLAIN: Mapping[Any, Strategy] = {
    str: texts,
    bool: st.booleans(),
    int: st.integers(1, 10**6),
    float: seconds,
    datetime: times,
    timedelta: durations,
    Decimal: st.decimals(-(10**12), 10**12, allow_nan=False, places=4),
    NoneType: st.none(),
    Mapping[str, Any]: open_objects,
}


def values_of(hint: Any) -> Strategy:
    """Return any value that an annotation allows."""
    if hint in _PLAIN:
        return _PLAIN[hint]
    inner = [values_of(part) for part in get_args(hint) if part is not Ellipsis]
    if isinstance(hint, UnionType):
        return st.one_of(inner)
    if get_origin(hint) is Mapping or get_origin(hint) is tuple:
        return _container(hint, inner)
    return st.sampled_from(hint) if issubclass(hint, Enum) else instances(hint)


def _container(hint: Any, inner: list[Strategy]) -> Strategy:
    if get_origin(hint) is Mapping:
        return st.dictionaries(*inner, max_size=3)
    if Ellipsis in get_args(hint):
        return st.lists(inner[0], max_size=3).map(tuple)
    return st.tuples(*inner)


def instances(cls: type, **fields: Strategy) -> Strategy:
    """Return any instance of an attrs class; *fields* says what is not just any."""
    hints = get_type_hints(cls)
    names = [field.name for field in attrs.fields(cls)]
    return st.builds(cls, **{n: values_of(hints[n]) for n in names} | fields)


mainland_numbers = st.from_regex(r"\+861(3[5-9]|58|59)[0-9]{8}", fullmatch=True)
email_addresses = st.from_regex(
    r"[a-z][a-z0-9.+_-]{2,12}@[a-z]{3,8}\.example", fullmatch=True
)
endpoint_names = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,20}", fullmatch=True)
addresses = mainland_numbers | email_addresses | endpoint_names

ids = st.builds(new_id)
written_texts = st.text(min_size=1, max_size=40).filter(str.strip)
contents = instances(Content, text=written_texts)
_common: dict[str, Strategy] = {
    "to": addresses,
    "sender": st.none() | written_texts,
    "idempotency_key": st.none() | st.text(min_size=1, max_size=20),
    "id": ids,
}
messages = instances(Message, content=st.none(), template=texts, **_common) | instances(
    Message, content=contents, template=st.none(), params=st.just({}), **_common
)

attempts = instances(Attempt)
exclusions = instances(Exclusion)
results = instances(Result)
receipts = instances(Receipt)
inbound_messages = instances(InboundMessage)
template_reviews = instances(TemplateReview)
balances = instances(Balance)
bindings = instances(Binding)
templates = instances(Template)
events: st.SearchStrategy[Event] = st.one_of([instances(cls) for cls in EVENT_TYPES])

#: Every class that has a schema, and any value of it.
BY_CLASS: Mapping[type, Strategy] = {
    Message: messages,
    Content: contents,
    Attempt: attempts,
    Exclusion: exclusions,
    Result: results,
    Receipt: receipts,
    InboundMessage: inbound_messages,
    TemplateReview: template_reviews,
    Balance: balances,
    Binding: bindings,
    Wording: instances(Wording),
    Template: templates,
    **{cls: instances(cls) for cls in EVENT_TYPES},
}
