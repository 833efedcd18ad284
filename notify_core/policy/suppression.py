"""The policy `suppression`: who gets nothing, or who alone gets something."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Self
from unicodedata import normalize

import attrs

from notify_core.errors import Problem
from notify_core.model.checked import Facts
from notify_core.model.masking import masked
from notify_core.model.outcome import Reason
from notify_core.policy.address_list import AddressList, entry_fault
from notify_core.policy.counter_key import Hashed, counted_address
from notify_core.policy.decision import ALLOW, Decision, Verdict
from notify_core.policy.policy import Compilation, PolicyType
from notify_core.policy.schema import built_in_schema
from notify_core.policy.take import NO_TIME, Refused, Take

#: The beginnings of the counters that stand for the notifier's suppression list.
BLOCKED = "suppressed/blocked/"
OPTED_OUT = "suppressed/opted_out/"

_AROUND_WORDS = re.compile(r"^[\W_]+|[\W_]+$")


def listed(beginning: str, hashed: Hashed, address: str) -> str:
    """Return the counter that is held while an address is on the list.

    Args:
        beginning: `BLOCKED` or `OPTED_OUT`.
        hashed: The keyed hash.
        address: Normalised.
    """
    return beginning + hashed(address.casefold())


@attrs.frozen(kw_only=True)
class Suppression:
    """Suppresses messages to those who are listed, or who are not."""

    #: These get nothing.
    block: AddressList
    #: Only these get something; None: everybody.
    allow: AddressList | None = None
    #: Whether the notifier's suppression list is asked.
    asks_list: bool
    #: Kinds and importances that are sent to people who said stop.
    bypass: frozenset[str]
    #: What people write who want no more, as `plain_word` gives it.
    opt_out_words: frozenset[str]
    hashed: Hashed = attrs.field(repr=False, eq=False)

    @classmethod
    def of(cls, settings: Mapping[str, Any], compilation: Compilation) -> Self:
        """Return the policy with its settings."""
        allow = settings.get("allow")
        return cls(
            block=AddressList.of(settings["block"]),
            allow=None if allow is None else AddressList.of(allow),
            asks_list=settings["list"],
            bypass=frozenset(settings["bypass"]),
            opt_out_words=frozenset(map(plain_word, settings["opt_out_words"])),
            hashed=compilation.hashed,
        )

    def needs(self, facts: Facts) -> tuple[Take, ...]:
        """Ask whether the recipient is on the list; nothing is taken."""
        if not self.asks_list:
            return ()
        digits = self.hashed(counted_address(facts.recipient))
        blocked = _asking(BLOCKED + digits)
        if facts.kind in self.bypass or facts.message.importance in self.bypass:
            return (blocked,)
        return (blocked, _asking(OPTED_OUT + digits))

    def decide(self, facts: Facts, now: datetime, refused: Refused) -> Decision:
        """Suppress by the configuration's lists first, then by the notifier's."""
        address = counted_address(facts.recipient)
        if address in self.block:
            return _suppressed("the recipient is blocked by the configuration")
        if self.allow is not None and address not in self.allow:
            return _suppressed("the recipient is not on the list of those allowed")
        if not refused:
            return ALLOW
        held = [take.counter for take in self.needs(facts) if take in refused]
        return _by_list(held)


def plain_word(text: str) -> str:
    """Return a reply without what people put around a word: ` Stop!` is `stop`."""
    return _AROUND_WORDS.sub("", normalize("NFKC", text)).casefold()


def says_stop(text: str, policies: Iterable[object]) -> bool:
    """Tell whether a reply is a word by which a person opts out.

    Args:
        text: The whole reply.
        policies: Those of the routes that the reply may be about.
    """
    word = plain_word(text)
    return any(
        isinstance(policy, Suppression) and word in policy.opt_out_words
        for policy in policies
    )


def _asking(counter: str) -> Take:
    """Return what asks whether a counter is held, and takes nothing."""
    return Take(counter, NO_TIME, most=0, asks=True)


def _by_list(held: list[str]) -> Decision:
    if any(counter.startswith(BLOCKED) for counter in held):
        return _suppressed("the recipient is on the suppression list")
    if held:
        return attrs.evolve(
            _suppressed("the recipient opted out"), reason=Reason.RECIPIENT_OPTED_OUT
        )
    return ALLOW


def _suppressed(why: str) -> Decision:
    return Decision(verdict=Verdict.SUPPRESS, reason=Reason.POLICY_BLOCKED, why=why)


def _problems(settings: Any) -> Iterator[Problem]:
    block, allow = settings["block"], settings.get("allow", [])
    for key, entries in (("block", block), ("allow", allow)):
        for index, entry in enumerate(entries):
            if (fault := entry_fault(entry)) is not None:
                yield Problem(pointer=f"/{key}/{index}", message=fault)
    for index, entry in enumerate(allow):
        if entry in block:
            why = f"{masked(str(entry))!r} is blocked too; leave one of the two out"
            yield Problem(pointer=f"/allow/{index}", message=why)
    for index, word in enumerate(settings["opt_out_words"]):
        if not plain_word(word):
            why = "has neither a letter nor a digit, so no reply can be it"
            yield Problem(pointer=f"/opt_out_words/{index}", message=why)


SUPPRESSION = PolicyType(
    name="suppression",
    summary="Who gets nothing, or who alone gets something",
    schema=built_in_schema("suppression"),
    compile=Suppression.of,
    problems=_problems,
    recurs=True,
)
