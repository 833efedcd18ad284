"""Every hook of notify-core, each with its contract.

A plugin implements the ones it needs as plain functions marked with
`notify_core.hookimpl`, and is found through the entry-point group `notify_core`,
or registered with a host's own pluggy manager.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from notify_core.model.event import Event
    from notify_core.policy.policy import PolicyType
    from notify_core.provider import ProviderType
    from notify_core.routing.strategy import Strategy

# Declare: called once, when the plugins are loaded.


def notify_register_providers() -> Iterable[ProviderType] | None:
    """Offer provider types.

    Called once by each `Plugins`, at load. No network, file or environment access
    is allowed here.

    Returns:
        The types; None when the plugin offers none. A name that another plugin
        has taken is an error that names both.

    .. versionadded:: 0.1
    """


def notify_register_policies() -> Iterable[PolicyType] | None:
    """Offer policy types, which policy sets name as they name the built-in ones.

    Called once by each `Plugins`, at load. No network, file or environment access
    is allowed here.

    A policy is two pure functions: it acts on nothing, waits for nothing, and gets
    the time as a value. When it raises, the message is rejected, and that is logged
    and counted in `notify_plugin_errors_total` with hook `decide`.

    Returns:
        The policy types; None when the plugin offers none. A name that is taken, by
        a plugin or by a key that policy sets have anyhow, is an error that names
        both.

    .. versionadded:: 0.1
    """


def notify_register_strategies() -> Iterable[Strategy] | None:
    """Offer strategies, which pools name as they name the built-in ones.

    Called once by each `Plugins`, at load. No network, file or environment access
    is allowed here.

    A strategy that raises, or that does not give back each member once, is logged
    and counted in `notify_plugin_errors_total` with hook `order`; the members stay
    as they are written.

    Returns:
        The strategies; None when the plugin offers none. A name that is taken is an
        error that names both.

    .. versionadded:: 0.1
    """


# Observe: must not change anything.


def notify_observe(event: Event) -> None:
    """Watch what happens: metrics, logs and traces are written with this.

    Called for every event, in the event loop, right after the fact. Be quick; do
    not wait. An observer that raises is logged and counted in
    `notify_plugin_errors_total`, and never stands in the way of a delivery.

    Args:
        event: One of the frozen classes of `notify_core.model.event`.

    .. versionadded:: 0.1
    """
