"""Gives a route the limits that its providers recommend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from notify_core.policy.limits import Limits
from notify_core.policy.policy import NamedPolicy
from notify_core.policy.policy_set import PolicySet
from notify_core.provider import ProviderType

_Recommended = Mapping[str, tuple[Mapping[str, Any], ...]]


def with_recommended(policy: PolicySet, types: Iterable[ProviderType]) -> PolicySet:
    """Return a policy set whose `limits: recommended` are those of provider types.

    Args:
        policy: It is returned itself where nothing is to be added.
        types: Of the providers that the route's pool reaches.
    """
    recommended = {type_.name: type_.recommended_limits for type_ in types}
    admission = tuple(_completed(named, recommended) for named in policy.admission)
    if admission == policy.admission:
        return policy
    return attrs.evolve(policy, admission=admission)


def _completed(named: NamedPolicy, recommended: _Recommended) -> NamedPolicy:
    if not isinstance(named.policy, Limits):
        return named
    return attrs.evolve(named, policy=named.policy.completed(recommended))
