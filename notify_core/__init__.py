"""One message model, any provider.

Send a message through whatever provider the configuration names:

    async with Notifier.from_config("notify.yaml") as notifier:
        result = await notifier.send(Message(to="+8613800138000", template="code"))
"""

from notify_core.errors import (
    ConfigurationError,
    IdempotencyConflict,
    InvalidMessage,
    MessageNotSent,
    NotifyError,
    OutcomeUnknown,
    PluginError,
    Problem,
    StoreUnavailable,
    UnsupportedFeature,
    WebhookRejected,
)
from notify_core.metrics import Metrics
from notify_core.model import (
    Answer,
    Attempt,
    AttemptState,
    Balance,
    Channel,
    Content,
    Importance,
    InboundMessage,
    Kind,
    Message,
    Outcome,
    Reason,
    Receipt,
    Result,
    Status,
    TemplateReview,
    WebhookReply,
    WebhookRequest,
)
from notify_core.notifier import Notifier
from notify_core.plugins import Plugins, hookimpl
from notify_core.secret import Secret
from notify_core.sync import SyncNotifier

__all__ = [
    "Answer",
    "Attempt",
    "AttemptState",
    "Balance",
    "Channel",
    "ConfigurationError",
    "Content",
    "IdempotencyConflict",
    "Importance",
    "InboundMessage",
    "InvalidMessage",
    "Kind",
    "Message",
    "MessageNotSent",
    "Metrics",
    "Notifier",
    "NotifyError",
    "Outcome",
    "OutcomeUnknown",
    "PluginError",
    "Plugins",
    "Problem",
    "Reason",
    "Receipt",
    "Result",
    "Secret",
    "Status",
    "StoreUnavailable",
    "SyncNotifier",
    "TemplateReview",
    "UnsupportedFeature",
    "WebhookRejected",
    "WebhookReply",
    "WebhookRequest",
    "hookimpl",
]
