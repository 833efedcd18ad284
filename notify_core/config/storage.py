"""Reads where messages live, and what hides addresses there."""

from __future__ import annotations

from collections.abc import Iterator

from notify_core.config.document import Node
from notify_core.config.retention import retention_of, retention_problems
from notify_core.config.secrets import References, is_reference
from notify_core.config.snapshot import Snapshot, Storage
from notify_core.errors import ConfigurationError, Problem
from notify_core.outbox.address import MEMORY, located, outbox_at, sqlite_file
from notify_core.policy.counter_key import (
    PROCESS_HASH,
    SHORTEST_KEY,
    Hashed,
    keyed_hash,
)
from notify_core.secret import Secret
from notify_core.urls import names_password

#: Stands for the key when only the URL is checked.
_ANY_KEY = Secret("*" * SHORTEST_KEY)
_PLAIN = (
    "holds a password, which never stands in a configuration; "
    "write {env: NAME} or {file: path}, which leads to the whole URL"
)
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
        faults = list(_faults(url, url_node))
        if not faults and url != MEMORY and key_node.value is None:
            faults.append(_MISSING)
        self.problems += map(url_node.problem, faults)
        return Storage(url=url, hash_key=key, retention=retention)

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


def _faults(url: str, node: Node) -> Iterator[str]:
    if node.text is not None and names_password(node.text):
        yield _PLAIN
    try:
        outbox_at(url, _ANY_KEY)  # opens nothing
    except ConfigurationError as error:
        yield str(error).removeprefix("outbox.url ")


def storage_warnings(snapshot: Snapshot, root: Node) -> Iterator[Problem]:
    """Yield that the file of messages has no folder: on this machine, at least."""
    file, node = sqlite_file(snapshot.storage.url), root["outbox"]["url"]
    if file is None or file.parent.is_dir():
        return
    # Where a reference leads is not shown.
    which = "a folder" if node.text is None else f"the folder {file.parent}"
    yield node.problem(
        f"needs {which} that does not exist on this machine; make it before the start"
    )
