"""Reads where messages live, and what hides addresses there."""

from __future__ import annotations

from notify_core.config.document import Node
from notify_core.config.retention import retention_of, retention_problems
from notify_core.config.secrets import References, is_reference
from notify_core.config.snapshot import Storage
from notify_core.errors import ConfigurationError, Problem
from notify_core.outbox.address import MEMORY, located, outbox_at
from notify_core.policy.counter_key import (
    PROCESS_HASH,
    SHORTEST_KEY,
    Hashed,
    keyed_hash,
)
from notify_core.secret import Secret

_MISSING = (
    "outlives the process, and so must what hides the addresses in it: "
    "add privacy: {hash_key: {env: NAME}}, or {file: path}"
)


def hashed_by(storage: Storage) -> Hashed:
    """Return what makes the names of counters and of addresses on lists."""
    key = storage.hash_key
    return PROCESS_HASH if key is None else keyed_hash(key.reveal().encode())


class StorageReader:
    """One reading of `outbox`, and of the key under `privacy`.

    Attributes:
        problems: What was found, beside what the schema says.
    """

    def __init__(self, references: References) -> None:
        self._references = references
        self.problems: list[Problem] = []

    def read(self, root: Node) -> Storage:
        """Return where messages live, of no use after problems."""
        key_node, url_node = root["privacy"]["hash_key"], root["outbox"]["url"]
        key, retention = self._key(key_node), retention_of(root["retention"])
        self.problems += retention_problems(root["retention"], retention)
        url = self._url(url_node)
        if url is None:
            return Storage(hash_key=key, retention=retention)
        url = located(url, root.document.folder)
        if key is None and url != MEMORY and key_node.value is None:
            self.problems.append(url_node.problem(_MISSING))
        elif key is not None or url == MEMORY:
            self._check(url, key, url_node)
        return Storage(url=url, hash_key=key, retention=retention)

    def _check(self, url: str, key: Secret | None, node: Node) -> None:
        try:
            outbox_at(url, key)  # opens nothing
        except ConfigurationError as error:
            why = str(error).removeprefix("outbox.url ")
            self.problems.append(node.problem(why))

    def _url(self, node: Node) -> str | None:
        """Return the URL; None: a program or the schema's complaint says it all."""
        if isinstance(node.value, Secret):
            return node.value.reveal()
        return self._followed(node) if is_reference(node.value) else node.text

    def _key(self, node: Node) -> Secret | None:
        if isinstance(node.value, Secret):
            return self._long_enough(node, node.value.reveal())
        if not is_reference(node.value):
            return None
        return self._long_enough(node, self._followed(node))

    def _long_enough(self, node: Node, key: str | None) -> Secret | None:
        if key is None:
            return None
        length = len(key.encode())
        if length < SHORTEST_KEY:
            at_least = f"a hash key needs {SHORTEST_KEY} or more, made at random"
            self.problems.append(node.problem(f"leads to {length} bytes; {at_least}"))
            return None
        return Secret(key)

    def _followed(self, node: Node) -> str | None:
        try:
            return str.__str__(self._references.follow(node.value, is_secret=True))
        except ValueError as error:
            self.problems.append(node.problem(str(error)))
            return None
