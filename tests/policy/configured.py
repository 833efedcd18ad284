"""Configurations with policy sets, and with policy types of a plugin."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from notify_core.plugins import Plugins, hookimpl
from notify_core.policy.policy import NamedPolicy, PolicyType
from notify_core.policy.policy_set import PolicySet
from notify_core.provider import ProviderType
from tests.config.bench import PLAIN, Bench


def plugin(*policies: object) -> SimpleNamespace:
    """Return a plugin with the provider type `plain` and these policy types."""

    @hookimpl
    def notify_register_providers() -> list[ProviderType]:
        return [PLAIN]

    @hookimpl
    def notify_register_policies() -> list[Any]:
        return list(policies)

    return SimpleNamespace(
        notify_register_providers=notify_register_providers,
        notify_register_policies=notify_register_policies,
    )


def bench(folder: Path, *policies: PolicyType) -> Bench:
    """Return a folder to configure in, with these policy types of a plugin."""
    return Bench(folder, Plugins(extra={"here": plugin(*policies)}), {})


def written(policies: dict[str, Any], used: str | None = None) -> dict[str, Any]:
    """Return a configuration with these policy sets, whose one route uses one."""
    return {
        "version": 1,
        "defaults": {"timezone": "Asia/Shanghai"},
        "providers": {"one": {"type": "plain"}, "spare": {"type": "plain"}},
        "policies": policies,
        "routes": {"pool": "one", "policy": used},
    }


def loaded(on: Bench, policies: dict[str, Any], used: str = "used") -> PolicySet:
    """Return the policy set that a route uses."""
    return on.load(written(policies, used)).routes.root.policy


def own(used: PolicySet) -> list[NamedPolicy]:
    """Return the policies of a set but for the one that holds by default."""
    return [named for named in used.admission if named.name != "suppression"]


def errors(on: Bench, policies: dict[str, Any]) -> list[str]:
    """Return what is wrong with policy sets."""
    return on.errors(written(policies))
