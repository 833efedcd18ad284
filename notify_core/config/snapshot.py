"""A compiled configuration: immutable, checked, secrets resolved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, tzinfo
from ipaddress import IPv4Network, IPv6Network
from typing import Any

import attrs

from notify_core.errors import Problem
from notify_core.provider import Capabilities, ProviderType
from notify_core.routing.route import Route
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
    root: Route
    #: What is allowed and probably not meant.
    warnings: tuple[Problem, ...] = ()
