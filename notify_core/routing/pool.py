"""A named group of providers."""

from __future__ import annotations

import attrs


@attrs.frozen(kw_only=True)
class Pool:
    """Providers in the order in which they are tried (strategy `ordered`)."""

    #: Unique among pools and providers.
    name: str
    #: Names of configured providers, each once.
    members: tuple[str, ...]
