"""A platform whose configuration changes, and a vendor that can be held up."""

import asyncio
import json
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

from notify_core import Notifier
from notify_core.metrics import Metrics
from notify_core.model.attempt import Answer
from notify_core.model.outcome import Reason
from notify_core.model.result import Result
from notify_core.provider import Submission
from notify_core.testing import FakeClock, FakeVendor
from notify_core.trial.scripted import answer_for
from tests.builders import Seen, code, until

TEMPLATE: dict[str, Any] = {
    "kind": "otp",
    "params": {
        "type": "object",
        "properties": {"code": {"type": "string"}},
        "required": ["code"],
        "additionalProperties": False,
    },
}


class Platform:
    """A configuration file, and what a notifier with it is watched by."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "notify.yaml"
        self.vendor = FakeVendor()
        self.seen = Seen()
        self.metrics = Metrics()
        self.clock = FakeClock(runs=False)

    def write(self, *providers: str, text: str = "{{ code }}", **other: Any) -> None:
        """Write a configuration with one pool of these accounts, in order."""
        pool = {"members": list(providers), **other.pop("pool", {})}
        settings = other.pop("settings", {})
        content = {
            "version": 1,
            "defaults": {"region": "CN"},
            "providers": {
                name: {"type": "fake", **settings.get(name, {})} for name in providers
            },
            "pools": {"main": pool},
            "templates": {"code": {**TEMPLATE, "text": text}},
            "routes": {"name": "root", "pool": "main"},
            **other,
        }
        self.file.write_text(json.dumps(content), "utf-8")

    def notifier(self, source: Any = None, **plugins: object) -> Notifier:
        return Notifier.from_config(
            source or self.file,
            plugins={"fake": self.vendor, "seen": self.seen, **plugins},
            metrics=self.metrics,
            clock=self.clock,
        )

    def texts(self, provider: str) -> list[str | None]:
        return [s.text for s in self.vendor[provider].submissions]

    def value(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(name, labels)

    def of(self, provider: str) -> set[str]:
        """Return the names of the metrics that have series of a provider."""
        return {
            family.name
            for family in self.metrics.registry.collect()
            for sample in family.samples
            if sample.labels.get("provider") == provider
        }


class Gate:
    """Keeps submissions waiting until it is opened, and answers them then."""

    def __init__(self, reason: Reason = Reason.NONE) -> None:
        self._reason = reason
        self._open = asyncio.Event()

    def open(self) -> None:
        self._open.set()

    async def __call__(self, submission: Submission) -> Answer:
        submission.wire.begin()
        await self._open.wait()
        return answer_for(self._reason)


async def begun(platform: Platform, open_: Notifier, gate: Gate) -> Awaitable[Result]:
    """Return a send that waits at the gate of `a`."""
    platform.vendor["a"].answers(gate)
    count = len(platform.vendor["a"].submissions)
    sending = asyncio.create_task(open_.send(code()))
    await until(lambda: len(platform.vendor["a"].submissions) > count)
    return sending
