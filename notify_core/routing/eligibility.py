"""Why a provider cannot take a message, from what it declares."""

from __future__ import annotations

from notify_core.config.snapshot import ProviderSettings
from notify_core.provider import Capabilities, SenderMode, Submission, TextMode


def why_not(
    provider: ProviderSettings, submission: Submission, *, is_filed: bool
) -> str | None:
    """Return why the provider cannot take the message; None when it can.

    Args:
        provider: Who may be to take it.
        submission: The message, rendered for it.
        is_filed: The message's template has a binding for the provider, or the route
            lets free texts through.
    """
    can = provider.capabilities
    return (
        _channel(can, submission)
        or _country(can, submission)
        or _text(can, submission, is_filed=is_filed)
        or _sender(can, submission)
        or _account(provider, submission)
    )


def _channel(can: Capabilities, submission: Submission) -> str | None:
    channel = submission.channel
    if channel in can.channels:
        return None
    return f"channel {channel} is not served, only {', '.join(sorted(can.channels))}"


def _country(can: Capabilities, submission: Submission) -> str | None:
    country = submission.recipient.country
    if can.countries is None or country in can.countries:
        return None
    return f"destination {country or 'unknown'} is not served"


def _text(can: Capabilities, submission: Submission, *, is_filed: bool) -> str | None:
    if submission.template is not None:
        return None
    match can.text:
        case TextMode.NONE:
            return "takes only templates that have a binding with a template_id for it"
        case TextMode.APPROVED if not is_filed:
            return (
                "takes only filed texts: give the template a binding for it, "
                "or set free_text: true on the route"
            )
    if submission.text is None:
        return "the template has no text, and no binding with a template_id for it"
    return None


def _sender(can: Capabilities, submission: Submission) -> str | None:
    wanted = submission.sender
    if wanted is None or can.sender is SenderMode.FREE or wanted == can.sender_name:
        return None
    own = f"its sender is fixed to {can.sender_name!r}"
    return f"{own if can.sender_name else 'its sender is fixed'}, not {wanted!r}"


def _account(provider: ProviderSettings, submission: Submission) -> str | None:
    refuses = provider.type.refuses
    if refuses is None:
        return None
    try:
        return refuses(provider.settings, submission)
    except Exception as error:  # noqa: BLE001 (a stranger's code must not lose a message)
        return f"its plugin raised {type(error).__name__}"
