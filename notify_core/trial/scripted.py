"""Providers that answer as a script says: nothing reaches the network."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from notify_core.config.snapshot import ProviderSettings
from notify_core.http import HttpClient
from notify_core.model.attempt import Answer
from notify_core.model.outcome import Outcome, Reason
from notify_core.policy.pacing import Pacer
from notify_core.provider import Submission
from notify_core.unit import Unit

#: What providers answer, by name, first first; the last answer stays.
Script = Mapping[str, tuple[Reason, ...]]

_OPEN = frozenset({Reason.NO_RESPONSE, Reason.SERVER_ERROR, Reason.INTERRUPTED})
_TAKEN = frozenset({Reason.NONE, Reason.DUPLICATE_REQUEST})
_ACCEPTS = (Reason.NONE,)


def answer_for(reason: Reason) -> Answer:
    """Return a plain answer with this reason and the outcome that goes with it."""
    if reason in _TAKEN:
        return Answer(outcome=Outcome.ACCEPTED, reason=reason)
    outcome = Outcome.UNKNOWN if reason in _OPEN else Outcome.REJECTED
    return Answer(outcome=outcome, reason=reason, text=f"scripted {reason}")


class ScriptedProvider:
    """A provider that answers as scripted.

    Args:
        name: As it is configured.
        reasons: Why each attempt ends, first first; the last one stays.
    """

    def __init__(self, name: str, reasons: tuple[Reason, ...] = _ACCEPTS) -> None:
        self._name = name
        self._reasons = reasons
        self._asked = 0

    async def submit(self, submission: Submission) -> Answer:
        """Answer what comes next in the script."""
        reason = self._reasons[min(self._asked, len(self._reasons) - 1)]
        self._asked += 1
        if reason is not Reason.CONNECT_FAILED:
            submission.wire.begin()
        answer = answer_for(reason)
        if answer.outcome is not Outcome.ACCEPTED:
            return answer
        return attrs.evolve(answer, provider_id=f"{self._name}-{self._asked}")

    async def aclose(self) -> None:
        """Close nothing."""


class _NoNetwork(HttpClient):
    """Makes no requests: it has no session."""

    def __init__(self) -> None:
        self.carries_submissions = True


class ScriptedUnits(dict[str, Unit]):
    """The configured providers, each made when it is first asked for.

    Args:
        providers: The configured ones.
        script: What they answer; others accept.
    """

    def __init__(
        self, providers: Mapping[str, ProviderSettings], script: Script
    ) -> None:
        self._providers = providers
        self._script = script

    def __missing__(self, name: str) -> Unit:
        settings = self._providers[name]
        unit = self[name] = Unit(
            settings=settings,
            provider=ScriptedProvider(name, self._script.get(name, _ACCEPTS)),
            http=_NO_NETWORK,
            secrets=(),
            pacer=None if settings.max_rate is None else Pacer(settings.max_rate),
            session=None,
        )
        return unit


_NO_NETWORK = _NoNetwork()
