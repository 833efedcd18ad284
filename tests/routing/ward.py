"""A `Health` with a clock, and what is heard of its providers, in few words."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

import attrs

from notify_core.model.attempt import Attempt
from notify_core.model.event import Event, ProviderStateChanged
from notify_core.model.health import HealthState
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.status import AttemptState
from notify_core.routing.health.condition import Permit
from notify_core.routing.health.health import Health
from notify_core.routing.health.rest import Rest
from notify_core.routing.health.settings import HealthSettings
from notify_core.testing import FakeClock, FakeVendor
from notify_core.trial.scripted import answer_for
from tests.builders import provider

#: How long an attempt takes at most.
LONGEST = timedelta(seconds=8)

_STATES = {
    Outcome.ACCEPTED: AttemptState.ACCEPTED,
    Outcome.REJECTED: AttemptState.REJECTED,
    Outcome.UNKNOWN: AttemptState.UNKNOWN,
}


class Ward:
    """Providers under observation.

    Attributes:
        clock: Stands still until it is moved.
        events: What observers were told, in order.
    """

    def __init__(self, *names: str, **settings: Any) -> None:
        self.clock = FakeClock(runs=False)
        self.events: list[ProviderStateChanged] = []
        self.vendor = FakeVendor()
        configured = (provider(self.vendor, name) for name in names or ("a", "b"))
        self.providers = {
            one.name: attrs.evolve(one, health=HealthSettings(**settings))
            for one in configured
        }
        self.health = Health(self.clock, self._observe, self.providers)
        self._messages = count()

    def _observe(self, event: Event) -> None:
        assert isinstance(event, ProviderStateChanged)
        self.events.append(event)

    def answers(
        self,
        name: str,
        *reasons: Reason,
        sender: str | None = None,
        template_id: str | None = None,
        message: str | None = None,
        **fields: Any,
    ) -> None:
        """Note one attempt for each reason, of a message of its own by default."""
        for reason in reasons:
            attempt = self.attempt(name, reason, **fields)
            of = message or f"m{next(self._messages)}"
            self.health.note(attempt, of, sender, template_id)

    def attempt(self, name: str, reason: Reason, **fields: Any) -> Attempt:
        """Return an attempt that begins now and ends with this reason."""
        answer = answer_for(reason)
        usual: dict[str, Any] = {
            "number": 1,
            "state": _STATES[answer.outcome],
            "started_at": self.clock.now(),
            "code": "4711",
        }
        return Attempt(
            provider=name,
            account=name,
            outcome=answer.outcome,
            reason=reason,
            **{**usual, **fields},
        )

    def receipt(self, name: str, state: AttemptState, reason: Reason) -> None:
        """Note what a receipt says of an attempt that was accepted."""
        self.answers(name, reason, state=state)

    def rest(
        self, name: str, sender: str | None = None, template_id: str | None = None
    ) -> Rest | None:
        """Return why it may not be tried now."""
        return self.health.resting(name, sender, template_id, self.clock.now())

    def rests_for(self, name: str, **unit: str) -> float | None:
        """Return how many seconds it rests from now; None: it does not."""
        rest = self.rest(name, **unit)
        if rest is None:
            return None
        return (rest.until - self.clock.now()).total_seconds()

    def enter(
        self,
        name: str,
        sender: str | None = None,
        template_id: str | None = None,
        *,
        anyway: bool = False,
    ) -> Permit | None:
        """Ask for leave to try it now."""
        return self.health.enter(
            name, sender, template_id, longest=LONGEST, anyway=anyway
        )

    def told(self, name: str = "a") -> list[HealthState]:
        """Return the states of a provider that observers were told."""
        return [event.state for event in self.events if event.provider == name]


def at(clock: FakeClock, seconds: float) -> datetime:
    """Return the time so many seconds from now."""
    return clock.now() + timedelta(seconds=seconds)
