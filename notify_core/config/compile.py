"""Makes a snapshot of a configuration that was checked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import partial
from hashlib import sha256
from types import MappingProxyType
from typing import Any

import attrs

from notify_core.config.advice import advice
from notify_core.config.check import Examined
from notify_core.config.document import Document
from notify_core.config.events import event_targets
from notify_core.config.pools import compiled_pools
from notify_core.config.recommended import with_recommended
from notify_core.config.route_tests import route_tests
from notify_core.config.routes import routing_tree
from notify_core.config.server import server_settings
from notify_core.config.snapshot import Snapshot
from notify_core.config.storage import hashed_by
from notify_core.model.timezone import timezone_named
from notify_core.policy.policy_set import PolicySet
from notify_core.routing.pool import Pool

_HASH_LENGTH = 12

Written = Mapping[str, Any]


def compile_snapshot(checked: Examined) -> Snapshot:
    """Return the snapshot of a configuration without problems, and its warnings."""
    content: Written = checked.document.content
    defaults = content.get("defaults", {})
    pools = compiled_pools(checked.document.root, checked.strategies)
    timezone = timezone_named(defaults.get("timezone"))
    policies = partial(_policy, checked)
    snapshot = Snapshot(
        hash=_hash([checked.document, *checked.catalogue.documents]),
        region=defaults.get("region"),
        timezone=timezone,
        storage=checked.storage,
        hashed=hashed_by(checked.storage),
        providers=MappingProxyType(dict(checked.providers)),
        templates=MappingProxyType(dict(checked.catalogue.templates)),
        pools=MappingProxyType(pools),
        routes=routing_tree(content["routes"], pools, policies),
        tests=route_tests(checked.document.root["tests"], timezone),
        server=server_settings(checked.document.root),
        events=event_targets(checked.document.root),
        file=checked.document.file,
        files=checked.files,
    )
    said = advice(snapshot, checked.document)
    found = [*said.warnings, *checked.catalogue.warnings]
    return attrs.evolve(
        snapshot, warnings=checked.document.ordered(found), notes=said.notes
    )


def _hash(documents: Iterable[Document]) -> str:
    # In the order of the file: that of a binding's parameters is the vendor's.
    public = [document.public for document in documents]
    return sha256(json.dumps(public).encode()).hexdigest()[:_HASH_LENGTH]


def _policy(checked: Examined, name: str | None, pool: Pool) -> PolicySet:
    policy = checked.policies[name]
    types = [checked.providers[provider].type for provider in pool.providers]
    return with_recommended(policy, types)
