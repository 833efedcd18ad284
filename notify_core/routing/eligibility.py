"""Why a provider cannot take a message, from what it declares."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from notify_core.config.snapshot import ProviderSettings
from notify_core.provider import SenderMode, Submission, TextMode


@attrs.frozen
class Question:
    """A rendered message, and the provider that may be to take it."""

    provider: ProviderSettings
    submission: Submission
    #: The message's template has a binding for the provider, or the route lets
    #: free texts through.
    is_filed: bool


def why_not(question: Question) -> str | None:
    """Return why the provider cannot take the message; None when it can."""
    for check in _CHECKS:
        why = check(question)
        if why is not None:
            return why
    return None


def _channel(question: Question) -> str | None:
    channel = question.submission.channel
    served = question.provider.capabilities.channels
    if channel in served:
        return None
    return f"channel {channel} is not served, only {', '.join(sorted(served))}"


def _country(question: Question) -> str | None:
    served = question.provider.capabilities.countries
    country = question.submission.recipient.country
    if served is None or country in served:
        return None
    return f"destination {country or 'unknown'} is not served"


def _text(question: Question) -> str | None:
    if question.submission.template is not None:
        return None
    match question.provider.capabilities.text:
        case TextMode.NONE:
            return "takes only templates that have a binding with a template_id for it"
        case TextMode.APPROVED if not question.is_filed:
            return (
                "takes only filed texts: give the template a binding for it, "
                "or set free_text: true on the route"
            )
    if question.submission.text is None:
        return "the template has no text, and no binding with a template_id for it"
    return None


def _sender(question: Question) -> str | None:
    can = question.provider.capabilities
    wanted = question.submission.sender
    if wanted is None or can.sender is SenderMode.FREE or wanted == can.sender_name:
        return None
    own = f"its sender is fixed to {can.sender_name!r}"
    return f"{own if can.sender_name else 'its sender is fixed'}, not {wanted!r}"


def _account(question: Question) -> str | None:
    refuses = question.provider.type.refuses
    if refuses is None:
        return None
    try:
        return refuses(question.provider.settings, question.submission)
    except Exception as error:  # noqa: BLE001 (a stranger's code must not lose a message)
        return f"its plugin raised {type(error).__name__}"


_CHECKS: tuple[Callable[[Question], str | None], ...] = (
    _channel,
    _country,
    _text,
    _sender,
    _account,
)
