"""A named group of providers and pools."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Self

import attrs

from notify_core.routing.strategies import ORDERED
from notify_core.routing.strategy import Strategy


@attrs.frozen(kw_only=True)
class Member:
    """One place in a pool: a provider, or a pool that stands there whole."""

    #: Name of the provider or pool.
    name: str
    #: The nested pool; None for a provider.
    pool: Pool | None = None
    #: Its share, for strategies that weigh; 0: never chosen.
    weight: int = 1

    @property
    def providers(self) -> tuple[str, ...]:
        """The provider, or every provider that the nested pool reaches."""
        return self.pool.providers if self.pool else (self.name,)

    @property
    def possible(self) -> tuple[str, ...]:
        """Those among them that may be chosen."""
        if not self.weight:
            return ()
        return self.pool.possible if self.pool else (self.name,)


@attrs.frozen(kw_only=True, cache_hash=True)
class Pool:
    """Providers and pools, and the strategy that puts them in order."""

    #: Unique among pools and providers.
    name: str
    strategy: Strategy = ORDERED
    members: tuple[Member, ...]

    @classmethod
    def of(cls, name: str, *providers: str) -> Self:
        """Return an ordered pool of these providers."""
        return cls(name=name, members=tuple(Member(name=p) for p in providers))

    @cached_property
    def providers(self) -> tuple[str, ...]:
        """Every provider that the pool reaches, each once, as it is written."""
        return _each(name for member in self.members for name in member.providers)

    @cached_property
    def possible(self) -> tuple[str, ...]:
        """Those among them that may be chosen."""
        return _each(name for member in self.members for name in member.possible)

    @cached_property
    def never(self) -> Mapping[str, str]:
        """The others, and why each is never chosen."""
        why = dict(found for member in self.members for found in _weightless(member))
        return {name: why[name] for name in self.providers if name not in self.possible}

    @cached_property
    def pools(self) -> frozenset[str]:
        """The names of the pool and of those within it."""
        nested = (member.pool.pools for member in self.members if member.pool)
        return frozenset({self.name}).union(*nested)

    @cached_property
    def is_fixed(self) -> bool:
        """Whether `possible` is always its order."""
        nested = (member.pool for member in self.members if member.pool)
        return self.strategy is ORDERED and all(pool.is_fixed for pool in nested)


def _each(names: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _weightless(member: Member) -> Iterator[tuple[str, str]]:
    """Yield the providers that a member never stands for, and why."""
    if member.pool:
        yield from member.pool.never.items()
    if not member.weight:
        whose = f"the weight of pool {member.name!r}" if member.pool else "its weight"
        yield from ((name, f"{whose} is 0") for name in member.providers)
