"""Scripted faults: which submissions they meet, and what happens to those."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import attrs
from aiohttp import web

from notify_core.model.masking import masked
from notify_core.testing.emulator.address import same_address
from notify_core.testing.emulator.options import structure

_MOST_FAULTS = 1_000
#: Seconds: a day. No client waits longer, and the event loop cannot for ever.
_MOST_DELAY = 86_400
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NO_HEADER_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def _is_base64(_: object, __: object, value: str) -> None:
    try:
        base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError(f"base64: {error}") from error


def _are_headers(_: object, __: object, value: Mapping[str, str]) -> None:
    for name, said in value.items():
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError(f"headers: {name!r} is no name of a header")
        if _NO_HEADER_VALUE.search(said):
            raise ValueError(f"headers: {name} has a control character in it")


@attrs.frozen(kw_only=True)
class Raw:
    """An answer that the vendor never documented."""

    #: HTTP status, 200 to 599.
    status: int = attrs.field(
        default=200, validator=[attrs.validators.ge(200), attrs.validators.le(599)]
    )
    #: Response headers.
    headers: Mapping[str, str] = attrs.field(factory=dict, validator=_are_headers)
    #: The body as text, sent as UTF-8.
    body: str = ""
    #: The body as Base64, for bytes that are no UTF-8; wins over `body`.
    base64: str = attrs.field(default="", validator=_is_base64)
    #: True: only the body is written to the connection, which then closes.
    wire: bool = False
    #: True: the submission is processed first, so it may be accepted and charged.
    process: bool = False

    @property
    def data(self) -> bytes:
        """The bytes of the body."""
        return base64.b64decode(self.base64) if self.base64 else self.body.encode()

    def response(self) -> web.Response:
        """Return the scripted HTTP response."""
        return web.Response(status=self.status, headers=self.headers, body=self.data)


@attrs.frozen(kw_only=True)
class Match:
    """Which submissions a fault meets; every condition must hold."""

    #: The recipient, with or without country code; None: any.
    to: str | None = attrs.field(default=None, repr=lambda to: masked(to or ""))
    #: How many matching submissions; None: all, until the faults are cleared.
    next: int | None = attrs.field(
        default=None, validator=attrs.validators.optional(attrs.validators.ge(1))
    )

    def meets(self, recipients: tuple[str, ...]) -> bool:
        """Whether a submission to *recipients* is meant."""
        return self.to is None or any(same_address(self.to, to) for to in recipients)


@attrs.frozen(kw_only=True)
class Do:
    """What happens to a submission: at most one of `code`, `close`, `raw`; extras."""

    #: Answer with this vendor code, without looking at the submission.
    code: str | None = None
    #: Close the connection without an answer: `before` processing, or `after` it.
    close: Literal["before", "after"] | None = None
    #: Answer with exactly this.
    raw: Raw | None = None
    #: Seconds between processing and answering (or closing).
    delay: float = attrs.field(
        default=0.0,
        validator=[attrs.validators.ge(0), attrs.validators.le(_MOST_DELAY)],
    )
    #: If the message is accepted, push this receipt instead of the usual one:
    #: `delivered`, `failed`, `none`, or a vendor's code.
    receipt: str | None = None

    def __attrs_post_init__(self) -> None:
        if sum(bool(main) for main in (self.code, self.close, self.raw)) > 1:
            raise ValueError("code, close and raw exclude each other")

    @property
    def processes(self) -> bool:
        """Whether the vendor's own checks look at the submission."""
        if self.raw:
            return self.raw.process
        return not self.code and self.close != "before"

    def __str__(self) -> str:
        if self is AS_USUAL:
            return ""
        given = attrs.asdict(self, recurse=False).items()
        return ", ".join(
            name if isinstance(value, Raw) else f"{name} {value}"
            for name, value in given
            if value
        )


#: As the vendor does.
AS_USUAL = Do()


def _does_something(_: object, __: object, value: Do) -> None:
    if value == AS_USUAL:
        raise ValueError("do: give code, close, raw, delay or receipt")


@attrs.frozen(kw_only=True)
class Fault:
    """One scripted fault."""

    #: Which submissions.
    match: Match = Match()
    #: What happens to them.
    do: Do = attrs.field(validator=_does_something)

    def once_less(self) -> Fault | None:
        """Return what is left of the fault after one more match."""
        if self.match.next is None:
            return self
        if self.match.next == 1:
            return None
        return attrs.evolve(
            self, match=attrs.evolve(self.match, next=self.match.next - 1)
        )


class Faults:
    """The scripted faults in the order they were added; the first match counts.

    Args:
        code_form: The regular expression of the vendor's codes.
    """

    def __init__(self, code_form: str = ".+") -> None:
        self._code_form = re.compile(code_form)
        self._faults: list[Fault] = []

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._faults)

    def __len__(self) -> int:
        return len(self._faults)

    def add(self, data: Mapping[str, Any]) -> Fault:
        """Add a fault, given as the control API's `{match, do}`.

        Raises:
            ValueError: It is malformed, or there are 1 000 already.
        """
        if len(self._faults) >= _MOST_FAULTS:
            raise ValueError(f"there are {_MOST_FAULTS} faults already: clear them")
        fault = structure(data, Fault, "fault")
        if fault.do.code and not self._code_form.fullmatch(fault.do.code):
            form = self._code_form.pattern
            raise ValueError(f"this vendor's codes look like {form} @ fault.do.code")
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Forget every fault."""
        self._faults.clear()

    def closes_unread(self) -> bool:
        """Whether the next submission is closed whoever it is for."""
        first = self._faults[0] if self._faults else None
        return bool(first and first.match.to is None and first.do.close == "before")

    def take(self, recipients: tuple[str, ...]) -> Do | None:
        """Return what to do with a submission to *recipients*, and count it."""
        for index, fault in enumerate(self._faults):
            if fault.match.meets(recipients):
                left = fault.once_less()
                self._faults[index : index + 1] = [left] if left else []
                return fault.do
        return None
