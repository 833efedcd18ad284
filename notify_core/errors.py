"""Every error that notify-core raises to who calls it.

The tree::

    * NotifyError
      x ConfigurationError (ValueError)   settings, unknown provider: every problem
        + PluginError                     a plugin failed to load or broke a rule
      x InvalidMessage (ValueError)       cannot be sent as it is: every problem
      x IdempotencyConflict               same idempotency key, other content
      x StoreUnavailable                  the outbox cannot record; nothing was sent
      x MessageNotSent                    rejected, suppressed, expired, canceled
        + OutcomeUnknown                  it may have been sent
      x UnsupportedFeature (ValueError)   a provider lacks what was asked of it
      x ProviderUnavailable               a question, as for a balance, had no answer
      x CallTimeout (TimeoutError)        a call of a `SyncNotifier` took too long
      x WebhookRejected                   a push not from the vendor, or unreadable
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from notify_core.urls import masked_url

if TYPE_CHECKING:
    from collections.abc import Sequence

    from notify_core.model.result import Result
    from notify_core.model.webhook import WebhookRefusal


class NotifyError(Exception):
    """Root of everything that notify-core raises on purpose."""


@attrs.frozen(kw_only=True)
class Problem:
    """One fault in a configuration or a message, and where it stands."""

    #: Where, as a JSON pointer: `/providers/backup/settings/token`.
    pointer: str
    #: What is wrong and what to do, without any secret value.
    message: str
    #: File, line and column (from 1), when the fault stands in a file.
    file: str | None = None
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        names = self.pointer.strip("/").split("/")
        dotted = ".".join(map(_written, names))
        return " ".join(part for part in (self._file, dotted, self.message) if part)

    @property
    def _file(self) -> str | None:
        if self.file is None or self.line is None:
            return self.file
        return f"{self.file}:{self.line}:{self.column}"


def _written(name: str) -> str:
    """Return a step of a pointer; a URL in the place of a name may hold a password."""
    return masked_url(name.replace("~1", "/").replace("~0", "~"))


class ConfigurationError(NotifyError, ValueError):
    """The configuration cannot be used; nothing of it took effect.

    Attributes:
        problems: Every fault found, in the order of the file.
    """

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *(f"  {p}" for p in self.problems)])


class PluginError(ConfigurationError):
    """A plugin failed to load or broke a rule.

    Attributes:
        plugin: The plugin's entry-point name.
    """

    def __init__(self, plugin: str, message: str) -> None:
        super().__init__(f"plugin {plugin!r}: {message}")
        self.plugin = plugin


class InvalidMessage(NotifyError, ValueError):
    """The message cannot be sent as it is; nothing was sent.

    Attributes:
        problems: Every fault found, each with its JSON pointer into the message.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class IdempotencyConflict(NotifyError):
    """The idempotency key was used before for a message of other content."""


class StoreUnavailable(NotifyError):
    """The outbox cannot record the message; nothing was sent."""


class MessageNotSent(NotifyError):
    """The message was not sent and will not be.

    Attributes:
        result: The whole result, with every attempt.
    """

    def __init__(self, result: Result) -> None:
        super().__init__(result.explain())
        self.result = result


class OutcomeUnknown(MessageNotSent):
    """The message may have been sent: sending it again may send it twice."""


class UnsupportedFeature(NotifyError, ValueError):
    """A provider was asked for what it does not declare."""

    def __init__(self, provider: str, feature: str) -> None:
        super().__init__(f"provider {provider!r} does not support {feature}")
        self.provider = provider
        self.feature = feature


class ProviderUnavailable(NotifyError):
    """A provider gave no usable answer to a question such as its balance."""


class CallTimeout(NotifyError, TimeoutError):
    """A call of a `SyncNotifier` took longer than it was given."""


class WebhookRejected(NotifyError):
    """A push was refused: not from the vendor, or not readable.

    Attributes:
        refusal: Why, from a closed set; the label of the metric.
    """

    def __init__(self, refusal: WebhookRefusal, message: str) -> None:
        super().__init__(message)
        self.refusal = refusal
