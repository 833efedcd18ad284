"""What a step of a demo can do, and what it then has to show."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from notify_core.cli.metrics import samples
from notify_core.model.masking import masked
from notify_core.secret import Secret
from notify_core.wire import message_from_builtins, to_builtins

if TYPE_CHECKING:
    from notify_core.cli.demo.stage import Stage


@attrs.frozen(kw_only=True)
class Shown:
    """What a step did and what came of it."""

    #: One line.
    did: str
    #: What promises point into.
    facts: Mapping[str, Any]


class Action(ABC):
    """One kind of step."""

    @abstractmethod
    async def play(self, stage: Stage) -> Shown:
        """Do it."""


@attrs.frozen(kw_only=True)
class ReadConfiguration(Action):
    """Show what the configuration says, without its secrets."""

    async def play(self, stage: Stage) -> Shown:
        """Show the providers by name, and the names of the templates."""
        snapshot = stage.notifier.snapshot
        providers = {
            name: {
                "type": provider.type.name,
                "account": provider.account,
                "settings": _open(provider.settings),
            }
            for name, provider in snapshot.providers.items()
        }
        facts = {"providers": providers, "templates": sorted(snapshot.templates)}
        return Shown(did=f"read {stage.config}", facts=facts)


def _open(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: "***" if isinstance(value, Secret) else value
        for name, value in settings.items()
    }


@attrs.frozen(kw_only=True)
class Send(Action):
    """Send a message and look at the handset."""

    #: The message as JSON; with an `id` when a later step speaks of it.
    message: Mapping[str, Any]
    #: What the emulator does to it, as in `POST /_emulator/faults`; None: the usual.
    fault: Mapping[str, Any] | None = None

    async def play(self, stage: Stage) -> Shown:
        """Show the result, and as `arrived` what the handset got, or null."""
        message = message_from_builtins(self.message)
        if self.fault is not None:
            stage.emulator.fault(do=self.fault, match={"to": message.to, "next": 1})
        before = len(stage.emulator.arrivals)
        result = await stage.notifier.send(message)
        stage.sent[message.id] = message.to
        what = f"template {message.template}" if message.template else "a text"
        facts = {**to_builtins(result), "arrived": _arrived(stage, before)}
        return Shown(
            did=f"{message.channel} to {masked(message.to)}: {what}", facts=facts
        )


def _arrived(stage: Stage, before: int) -> dict[str, Any] | None:
    new = stage.emulator.messages[before:]
    if not new:
        return None
    arrival = new[-1]
    return {"text": arrival.text, "login_code": arrival.login_code}


@attrs.frozen(kw_only=True)
class AskBalance(Action):
    """Ask a provider what is left."""

    #: Name of the configured provider.
    provider: str

    async def play(self, stage: Stage) -> Shown:
        """Show the balance."""
        balance = await stage.notifier.balance(self.provider)
        return Shown(did=f"asked {self.provider}", facts=to_builtins(balance))


@attrs.frozen(kw_only=True)
class PushReceipt(Action):
    """Let the vendor push a delivery report to us."""

    #: The `id` of a message that an earlier step sent.
    message: str
    #: What the report says: `delivered`, `failed`, or a vendor's code.
    outcome: str = "delivered"

    async def play(self, stage: Stage) -> Shown:
        """Show the result, `match`, and our `answer` to the vendor."""
        to = stage.sent[self.message]
        push = await stage.emulator.push_receipt(to=to, outcome=self.outcome)
        result = await stage.notifier.get(self.message)
        facts = {
            **to_builtins(result),
            "push": push.state.value,
            "answer": push.tries[-1].answer,
            "match": stage.witness.match,
        }
        return Shown(
            did=f"the vendor reports {masked(to)}: {self.outcome}", facts=facts
        )


@attrs.frozen(kw_only=True)
class ReadMetrics(Action):
    """Read what Prometheus would scrape."""

    async def play(self, stage: Stage) -> Shown:
        """Show the value of each sample, under its name and labels."""
        facts = {_series(one): one["value"] for one in samples(stage.metrics.registry)}
        return Shown(did=f"read {len(facts)} series", facts=facts)


def _series(sample: Mapping[str, Any]) -> str:
    labels = ",".join(f'{k}="{v}"' for k, v in sorted(sample["labels"].items()))
    return f"{sample['name']}{{{labels}}}" if labels else str(sample["name"])
