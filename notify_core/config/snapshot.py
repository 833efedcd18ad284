"""A compiled configuration: immutable, checked, secrets resolved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, tzinfo
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any

import attrs

from notify_core.config.events import EventTarget
from notify_core.config.server import ServerSettings
from notify_core.errors import Problem
from notify_core.model.price import Price
from notify_core.model.rate import Rate
from notify_core.model.route_test import RouteTest
from notify_core.outbox.address import MEMORY
from notify_core.outbox.retention import USUAL, Retention
from notify_core.policy.counter_key import PROCESS_HASH, Hashed
from notify_core.provider import Capabilities, ProviderType
from notify_core.routing.health.settings import HealthSettings
from notify_core.routing.pool import Pool
from notify_core.routing.tree import RoutingTree
from notify_core.secret import Secret
from notify_core.template.catalogue import CompiledTemplate


@attrs.frozen(kw_only=True)
class WebhookSettings:
    """Who may push for a provider."""

    #: Any of them opens; several while one replaces another.
    tokens: tuple[Secret, ...]
    #: The address that the vendor calls; some vendors sign it.
    public_url: str | None = None
    #: Source networks; empty: any.
    allow_from: tuple[IPv4Network | IPv6Network, ...] = ()


@attrs.frozen(kw_only=True)
class ProviderSettings:
    """One configured provider."""

    #: Unique among providers and pools.
    name: str
    type: ProviderType
    #: Checked, with defaults; secrets as `Secret`.
    settings: Mapping[str, Any] = attrs.field(repr=False)
    #: What this account can do.
    capabilities: Capabilities
    #: What identifies the account at the vendor.
    account: str
    webhook: WebhookSettings | None = None
    #: When it rests.
    health: HealthSettings = attrs.field(factory=HealthSettings)
    #: The most requests, in each process; None: as many as there are.
    max_rate: Rate | None = None
    #: What a part costs; None: it is not stated.
    price: Price | None = None


@attrs.frozen(kw_only=True)
class Storage:
    """Where messages live."""

    #: Whole: a path in it is absolute. It may hold a password.
    url: str = attrs.field(default=MEMORY, repr=False)
    #: Makes hashes that outlive the process; None: only with an outbox in memory.
    hash_key: Secret | None = None
    #: How long what is in it is kept.
    retention: Retention = USUAL


@attrs.frozen(kw_only=True)
class Snapshot:
    """A compiled configuration."""

    #: 12 hexadecimal digits of the file's content, without secrets.
    hash: str
    #: ISO 3166 alpha-2 for numbers without a country code; None: such are refused.
    region: str | None = None
    #: The platform's own.
    timezone: tzinfo = UTC
    providers: Mapping[str, ProviderSettings]
    templates: Mapping[str, CompiledTemplate]
    routes: RoutingTree
    #: By name; a provider in the place of a pool is a pool of one.
    pools: Mapping[str, Pool] = attrs.field(factory=dict)
    #: Makes the names of counters and of addresses on lists: a keyed hash.
    hashed: Hashed = attrs.field(default=PROCESS_HASH, repr=False, eq=False)
    #: Where messages live, and the key of their hashes.
    storage: Storage = attrs.field(factory=Storage)
    #: Where it was read, as the user named it; None: a program made it.
    file: str | None = None
    #: Every file that was read for it, those of secrets too.
    files: frozenset[Path] = frozenset()
    #: How the HTTP service runs.
    server: ServerSettings = attrs.field(factory=ServerSettings)
    #: Who is told of events.
    events: tuple[EventTarget, ...] = ()
    #: What must become of messages, as the configuration itself says.
    tests: tuple[RouteTest, ...] = ()
    #: What is allowed and probably not meant.
    warnings: tuple[Problem, ...] = ()
    #: What could not be found out of it.
    notes: tuple[Problem, ...] = ()
