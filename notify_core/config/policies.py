"""Reads policy sets: what each takes from another, and its policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from copy import deepcopy
from datetime import UTC, tzinfo
from types import MappingProxyType
from typing import Any

import attrs

from notify_core.config.document import Node
from notify_core.config.effort import effort, effort_problems, reason_problems
from notify_core.config.hours import hour_problems
from notify_core.config.schema_faults import schema_faults
from notify_core.config.settings_schema import fill_defaults
from notify_core.config.wording import shown
from notify_core.errors import Problem
from notify_core.model.timezone import timezone_named
from notify_core.names import nearest
from notify_core.policy.built_in import BUILT_IN
from notify_core.policy.counter_key import Hashed
from notify_core.policy.policy import Compilation, NamedPolicy, PolicyType
from notify_core.policy.policy_set import PolicySet
from notify_core.policy.schema import CONFIG_SCHEMA
from notify_core.schemas import public_schema

_SHOWN_LENGTH = 200
#: The name of the set that holds where none is named.
DEFAULT = "default"
#: Policies of every set that does not say otherwise: who said stop is left alone.
_USUAL: Mapping[str, Any] = {"suppression": {}}


@attrs.frozen
class _Said:
    """The settings of one policy type, and where they are written."""

    set: str
    node: Node


class PolicyReader:
    """One reading of the policy sets of one configuration.

    Args:
        root: The configuration.
        offered: The policy types of plugins, by name.
        compilation: What policies may use of the rest of the configuration.
        unsound: Pointers to settings that do not keep to the schema: left out.

    Attributes:
        default: What holds where no set is named.
        sets: By name; of no use after problems with them.
        problems: What was found, beside what the schema says.
    """

    def __init__(
        self,
        root: Node,
        offered: Mapping[str, PolicyType],
        compilation: Compilation,
        unsound: Set[str] = frozenset(),
    ) -> None:
        self._nodes = dict(root["policies"].entries())
        self._types = {**BUILT_IN, **offered}
        self._compilation = compilation
        self._unsound = unsound
        self._made: dict[tuple[str, str], NamedPolicy | None] = {}
        self._usual = {
            type_: _Said(DEFAULT, Node(root.document, f"/policies/{DEFAULT}", settings))
            for type_, settings in _USUAL.items()
        }
        self.sets: dict[str, PolicySet] = {}
        self.problems: list[Problem] = []
        self.default = self._policy_set(DEFAULT, self._usual)
        for name in self._nodes:
            self._read(name)

    def _read(self, name: str) -> None:
        lineage = self._lineage(name)
        if lineage is None:
            return
        node, merged = self._nodes[name], self._merged(lineage)
        sound = {k: s for k, s in merged.items() if s.node.pointer not in self._unsound}
        self.problems += _removal_problems(node)
        if "reasons" in sound:
            self.problems += reason_problems(node["reasons"])
        made = self.sets[name] = self._policy_set(name, sound)
        if len(sound) == len(merged):
            self.problems += effort_problems(node, made)
            self.problems += hour_problems(node, made)

    def _lineage(self, name: str) -> list[str] | None:
        """Return a set and those that it extends; None where they do not end."""
        lineage = [name]
        while (base := self._nodes[lineage[-1]]["extends"]).text is not None:
            if base.text not in self._nodes:
                if base.pointer.startswith(f"{self._nodes[name].pointer}/"):
                    why = f"is no policy set; {nearest(base.text, self._nodes)}"
                    self.problems.append(base.problem(f"{shown(base.text)} {why}"))
                return None
            if base.text in lineage:
                if base.text == name:
                    self.problems.append(self._circle(name, lineage))
                return None
            lineage.append(base.text)
        return lineage

    def _circle(self, name: str, lineage: list[str]) -> Problem:
        by = f" by way of {', '.join(lineage[1:])}" if lineage[1:] else ""
        return self._nodes[name]["extends"].problem(f"leads back to the set itself{by}")

    def _merged(self, lineage: list[str]) -> dict[str, _Said]:
        """Return what holds in a set, by policy type; the nearest goes first."""
        merged = dict(self._usual)
        for name in reversed(lineage):
            for key, node in self._nodes[name].entries():
                merged[key] = _Said(name, node)
        merged.pop("extends", None)
        return {
            key: said for key, said in merged.items() if said.node.value is not None
        }

    def _policy_set(self, name: str, merged: Mapping[str, _Said]) -> PolicySet:
        asked = [
            (type_, made)
            for type_ in self._types.values()
            if type_.name in merged
            and (made := self._policy(type_, merged[type_.name])) is not None
        ]
        return PolicySet(
            name=name,
            admission=tuple(made for _, made in asked),
            origins=MappingProxyType({key: said.set for key, said in merged.items()}),
            **effort({key: said.node.value for key, said in merged.items()}),
        )

    def _policy(self, type_: PolicyType, said: _Said) -> NamedPolicy | None:
        """Return a policy, the same for all sets that take it from one."""
        key = (type_.name, said.node.pointer)
        if key not in self._made:
            self._made[key] = self._compiled(type_, said.node)
        return self._made[key]

    def _compiled(self, type_: PolicyType, node: Node) -> NamedPolicy | None:
        found = list(_type_problems(type_, node))
        if not found:
            try:
                settings = with_defaults(type_, node.value)
                found = list(_settings_problems(type_, settings, node))
                if not found:
                    policy = type_.compile(settings, self._compilation)
                    return NamedPolicy(
                        name=type_.name, policy=policy, recurs=type_.recurs
                    )
            except Exception as error:  # noqa: BLE001 (a stranger's code)
                found = [node.key_problem(f"cannot be made: {_first_line(error)}")]
        self.problems += found
        return None


def compilation_of(defaults: Node, hashed: Hashed) -> Compilation:
    """Return what policies may use, whatever is wrong with it elsewhere."""
    try:
        timezone: tzinfo = timezone_named(defaults["timezone"].text)
    except ValueError:
        timezone = UTC
    region = defaults["region"].text
    return Compilation(timezone=timezone, region=region, hashed=hashed)


def with_defaults(type_: PolicyType, written: Any) -> Any:
    """Return a policy's settings with what is left out and has a default."""
    root, schema = type_.schema, type_.schema
    if BUILT_IN.get(type_.name) is type_:
        root = public_schema(CONFIG_SCHEMA)
        schema = root["$defs"]["policy"]["properties"][type_.name]
    settings = deepcopy(written)
    fill_defaults(root, schema, settings)
    return settings


def _removal_problems(node: Node) -> Iterator[Problem]:
    """Yield what is taken away in a set that takes nothing from another."""
    if "extends" in node.names():
        return
    for _, said in node.entries():
        if said.value is None:
            yield said.problem("has no value; null is for a set that extends another")


def _type_problems(type_: PolicyType, node: Node) -> Iterator[Problem]:
    if BUILT_IN.get(type_.name) is not type_:
        for fault in schema_faults(type_.schema)[:1]:
            why = f"its settings schema is broken: {fault.pointer} {fault.message}"
            yield node.key_problem(f"cannot be used, {why}")


def _settings_problems(
    type_: PolicyType, settings: Any, node: Node
) -> Iterator[Problem]:
    for told in () if type_.problems is None else type_.problems(settings):
        yield node.document.problem(node.pointer + told.pointer, told.message)


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".split("\n")[0][:_SHOWN_LENGTH]
