"""What a counter is kept by: the keyed hash of some of a message's values."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from hashlib import blake2b, sha512

import attrs
import msgspec

from notify_core.model.checked import Facts
from notify_core.model.recipient import Recipient

#: Bytes. With fewer, all telephone numbers can be tried until one fits.
SHORTEST_KEY = 16
#: Bytes; twice as many hexadecimal digits. Two of 10⁹ counters meet once in 10¹¹ times.
_DIGEST = 12

#: Makes short hexadecimal digits of values.
Hashed = Callable[..., str]


def keyed_hash(key: bytes) -> Hashed:
    """Return what makes 24 hexadecimal digits of any number of texts.

    Nobody without the key can tell the texts, or try which would fit.

    Raises:
        ValueError: The key is too short to be secret.
    """
    if len(key) < SHORTEST_KEY:
        raise ValueError(f"a hash key has {SHORTEST_KEY} bytes or more")
    # The hash takes 64 bytes of key at most: a longer one counts whole all the same.
    start = blake2b(digest_size=_DIGEST, key=sha512(key).digest())

    def hashed(*values: str) -> str:
        state = start.copy()
        # With their lengths, so that ("ab", "c") is not ("a", "bc").
        told = "".join([f"{len(value)}:{value}" for value in values])
        state.update(told.encode(errors="surrogatepass"))
        return state.hexdigest()

    return hashed


#: For counters that do not outlive the process: its key is nowhere written.
PROCESS_HASH = keyed_hash(os.urandom(32))


def counted_address(recipient: Recipient) -> str:
    """Return an address as counters and lists know it: `Jane@` and `jane@` are one."""
    return recipient.address.casefold()


@attrs.frozen(kw_only=True)
class CounterKey:
    """The parts of messages that have to be the same to be counted together."""

    #: Names of parts: `recipient`, `labels.client_ip`.
    parts: tuple[str, ...]

    #: The labels among them.
    labels: tuple[str, ...] = attrs.field(init=False)
    _readers: tuple[Callable[[Facts], str], ...] = attrs.field(init=False)

    @labels.default
    def _named_labels(self) -> tuple[str, ...]:
        named = (part.partition(".") for part in self.parts)
        return tuple(label for head, dot, label in named if dot and head == "labels")

    @_readers.default
    def _readers_of_parts(self) -> tuple[Callable[[Facts], str], ...]:
        return tuple(_PARTS.get(part) or _label(part) for part in self.parts)

    def values(self, facts: Facts) -> list[str]:
        """Return a message's values; what it does not have is empty."""
        return [read(facts) for read in self._readers]


def _label(part: str) -> Callable[[Facts], str]:
    name = part.removeprefix("labels.")
    return lambda facts: facts.message.labels.get(name, "")


_encoded = msgspec.json.Encoder(order="sorted", enc_hook=str).encode


def _json(value: object) -> str:
    return _encoded(value).decode(errors="surrogatepass")


def _params(facts: Facts) -> str:
    """Return what was filled in; without a template, that is the whole content."""
    if facts.message.template is None:
        return _content(facts)
    return _json(dict(facts.message.params))


def _content(facts: Facts) -> str:
    """Return what is said; where only the vendor has the text, what it is made of."""
    message, more = facts.message, facts.content
    if more is not None and (more.subject or more.html):
        return _json([facts.text, more.subject, more.html])
    if facts.text is None:
        return _json([message.template, dict(message.params)])
    return facts.text


#: What a key may be made of, beside labels.
_PARTS: Mapping[str, Callable[[Facts], str]] = {
    "recipient": lambda facts: counted_address(facts.recipient),
    "channel": lambda facts: facts.message.channel,
    "kind": lambda facts: facts.kind,
    "country": lambda facts: facts.recipient.country or "",
    "sender": lambda facts: facts.message.sender or "",
    "template": lambda facts: facts.message.template or "",
    "params": _params,
    "content": _content,
}
