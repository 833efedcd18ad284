"""Whom a template may be bound to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from notify_core.config.document import Node
from notify_core.config.snapshot import ProviderSettings
from notify_core.provider import ProviderType


@attrs.frozen(kw_only=True)
class Accounts:
    """The installed provider types and the configured providers."""

    #: Installed, by name.
    types: Mapping[str, ProviderType]
    #: The type's name of each configured provider, as far as it is written.
    written: Mapping[str, str | None]
    #: Providers with nothing wrong, by name.
    ready: Mapping[str, ProviderSettings]

    @classmethod
    def of(
        cls,
        providers: Node,
        types: Mapping[str, ProviderType],
        ready: Mapping[str, ProviderSettings],
    ) -> Accounts:
        """Take them from what is written under `providers`."""
        written = {name: node["type"].text for name, node in providers.entries()}
        return cls(types=types, written=written, ready=ready)

    @property
    def keys(self) -> set[str]:
        """What a binding may be for."""
        return self.types.keys() | self.written.keys()

    def type_of(self, key: str) -> ProviderType | None:
        """Return the type that a binding's key stands for; None: not installed."""
        return self.types.get(self.written.get(key, key) or "")

    def named(self, key: str, keys: Iterable[str]) -> list[str]:
        """Return the providers that the binding under *key* is for.

        Args:
            key: The name of a provider, or of a type.
            keys: Of all bindings of the template: one by name goes first.
        """
        if key in self.written:
            return [key]
        return [
            name
            for name, type_ in self.written.items()
            if type_ == key and name not in keys
        ]
