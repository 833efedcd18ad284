"""Makes a snapshot of a configuration that was checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Any

import attrs

from notify_core.config.advice import advice
from notify_core.config.check import Examined
from notify_core.config.defaults import timezone_named
from notify_core.config.policies import policy_set
from notify_core.config.snapshot import Snapshot
from notify_core.model.channel import Kind
from notify_core.model.template import Binding, BindingMode, Template
from notify_core.policy.policy_set import PolicySet
from notify_core.routing.pool import Pool
from notify_core.routing.route import Route
from notify_core.template.catalogue import CompiledTemplate
from notify_core.template.params import ParamsCheck

_HASH_LENGTH = 12
_NO_PARAMS = {"type": "object", "additionalProperties": False}

Written = Mapping[str, Any]


def compile_snapshot(checked: Examined) -> Snapshot:
    """Return the snapshot of a configuration without problems, and its warnings."""
    content: Written = checked.document.content
    defaults = content.get("defaults", {})
    snapshot = Snapshot(
        hash=_hash(checked.document.public),
        region=defaults.get("region"),
        timezone=timezone_named(defaults.get("timezone")),
        providers=MappingProxyType(dict(checked.providers)),
        templates=MappingProxyType(_templates(checked)),
        root=_route(content),
    )
    return attrs.evolve(snapshot, warnings=advice(snapshot, checked.document))


def _hash(public: Any) -> str:
    # In the order of the file: that of a binding's parameters is the vendor's.
    return sha256(json.dumps(public).encode()).hexdigest()[:_HASH_LENGTH]


def _route(content: Written) -> Route:
    written = content["routes"]
    pool = written["pool"]
    pools = content.get("pools", {})
    # A provider in the place of a pool is a pool of one.
    members = tuple(pools[pool]["members"]) if pool in pools else (pool,)
    return Route(
        name=written.get("name", "root"),
        pool=Pool(name=pool, members=members),
        policy=_policy(written.get("policy"), content.get("policies", {})),
        free_text=written.get("free_text", False),
    )


def _policy(name: str | None, policies: Written) -> PolicySet:
    return PolicySet() if name is None else policy_set(name, policies[name])


def _templates(checked: Examined) -> dict[str, CompiledTemplate]:
    found: dict[str, CompiledTemplate] = {}
    for name, node in checked.document.root["templates"].entries():
        template = _template(name, node.value)
        found[name] = CompiledTemplate(
            template=template,
            params=ParamsCheck(template.params),
            text=checked.texts.get(name),
        )
    return found


def _template(name: str, written: Written) -> Template:
    bindings = written.get("bindings", {})
    return Template(
        name=name,
        kind=Kind(written["kind"]),
        params=written.get("params", _NO_PARAMS),
        text=written.get("text"),
        bindings={key: _binding(said) for key, said in bindings.items()},
    )


def _binding(written: Written) -> Binding:
    params = written.get("params", ())
    pairs = params.items() if isinstance(params, dict) else ((p, p) for p in params)
    return Binding(
        mode=BindingMode(written.get("mode", "id")),
        template_id=written.get("template_id"),
        params=tuple(pairs),
        sender=written.get("sender"),
    )
