"""Reads the configured providers."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from decimal import Decimal
from difflib import get_close_matches
from importlib.metadata import entry_points

from notify_core.config.document import Node
from notify_core.config.health import health_settings
from notify_core.config.schema_faults import schema_faults
from notify_core.config.secrets import References
from notify_core.config.settings import SettingsReader
from notify_core.config.snapshot import ProviderSettings
from notify_core.config.webhook import WebhookReader
from notify_core.config.wording import shown
from notify_core.errors import Problem
from notify_core.model.price import Price
from notify_core.model.rate import Rate
from notify_core.plugins import PROJECT, SELECTION_VARIABLE, Plugins
from notify_core.provider import ProviderType, Settings

_SHOWN_LENGTH = 200
_AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


class ProviderReader:
    """One reading of the providers of one configuration.

    Args:
        plugins: Whose provider types they are of.
        references: Where references lead.

    Attributes:
        problems: What was found, beside what the schema says.
    """

    def __init__(self, plugins: Plugins, references: References) -> None:
        self._plugins = plugins
        self._references = references
        self._broken: dict[str, str | None] = {}
        self.problems: list[Problem] = []

    def read(self, name: str, node: Node) -> ProviderSettings | None:
        """Return a provider; None after problems."""
        webhook = WebhookReader(self._references)
        pushers = webhook.read(node["webhook"])
        self.problems += webhook.problems
        type_ = self._type(node["type"])
        if type_ is None:
            return None
        reader = SettingsReader(type_, self._references)
        settings = reader.read(node["settings"])
        self.problems += reader.problems
        if settings is None or self._is_faulty(type_, settings, node["settings"]):
            return None
        return ProviderSettings(
            name=name,
            type=type_,
            settings=settings,
            capabilities=type_.capabilities_for(settings),
            account=type_.account_key(settings),
            webhook=pushers,
            health=health_settings(node["health"]),
            max_rate=_rate(node["max_rate"]),
            price=_price(node["price"]),
        )

    def _is_faulty(self, type_: ProviderType, settings: Settings, node: Node) -> bool:
        """Note what the type itself says is wrong with settings that fit its schema."""
        found = [] if type_.problems is None else list(type_.problems(settings))
        for told in found:
            place = node.pointer + told.pointer
            self.problems.append(node.document.problem(place, told.message))
        return bool(found)

    def _type(self, node: Node) -> ProviderType | None:
        if node.text is None:
            return None
        type_ = self._plugins.provider_types.get(node.text)
        why = self._absent(node.text) if type_ is None else self._why_broken(type_)
        if why is not None:
            self.problems.append(node.problem(f"{shown(node.text)} {why}"))
            return None
        return type_

    def _absent(self, name: str) -> str:
        """Say why there is no provider type of this name, and what to do."""
        failures = {
            plugin: _first_line(error)
            for plugin, error in self._plugins.failures.items()
        }
        if name in failures:
            return f"is installed and did not load: {failures[name]}"
        if _is_left_out(name):
            return f"is installed, and {SELECTION_VARIABLE} does not select it: add it"
        types = self._plugins.provider_types
        installed = ", ".join(sorted(types)) or "none"
        why = f"is not installed; {_remedy(name, types)}installed: {installed}"
        broken = ", ".join(f"{plugin} ({error})" for plugin, error in failures.items())
        return f"{why}; did not load: {broken}" if failures else why

    def _why_broken(self, type_: ProviderType) -> str | None:
        """Return what is wrong with a provider type's settings schema."""
        if type_.name not in self._broken:
            found = schema_faults(type_.settings_schema)
            why = [f"{fault.pointer} {fault.message}" for fault in found[:1]]
            self._broken[type_.name] = why[0] if why else None
        broken = self._broken[type_.name]
        return broken and f"cannot be used, its settings schema is broken: {broken}"


def _price(node: Node) -> Price | None:
    """Return the stated price; None without one, or where the schema complains."""
    each, currency = node["per_segment"].text, node["currency"].text
    if each is None or currency is None or not _AMOUNT.fullmatch(each):
        return None
    return Price(per_segment=Decimal(each), currency=currency)


def _rate(node: Node) -> Rate | None:
    """Return a rate; none also when there is a fault, which the schema names."""
    try:
        return None if node.text is None else Rate.parse(node.text)
    except ValueError:
        return None


def _is_left_out(name: str) -> bool:
    """Whether a plugin of that name is installed and not to be loaded."""
    selected = os.environ.get(SELECTION_VARIABLE)
    if selected is None or name in map(str.strip, selected.split(",")):
        return False
    return name in entry_points(group=PROJECT).names


def _remedy(name: str, types: Iterable[str]) -> str:
    close = get_close_matches(name, sorted(types), n=1)
    if close:
        return f"did you mean {close[0]!r}? "
    return "install the distribution that offers it; "


def _first_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".split("\n")[0][:_SHOWN_LENGTH]
