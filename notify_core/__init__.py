"""One message model, any provider.

Send a message through whatever provider the configuration names:

    async with Notifier.from_config("notify.yaml") as notifier:
        result = await notifier.send(Message(to="+8613800138000", template="code"))
"""

# The module `typing` is too much to wait for: until `notify_core.__main__` is read,
# Ctrl-C ends `notify` with a trace. Type checkers know the name all the same.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from notify_core.errors import CallTimeout as CallTimeout
    from notify_core.errors import ConfigurationError as ConfigurationError
    from notify_core.errors import IdempotencyConflict as IdempotencyConflict
    from notify_core.errors import InvalidMessage as InvalidMessage
    from notify_core.errors import MessageNotSent as MessageNotSent
    from notify_core.errors import NotifyError as NotifyError
    from notify_core.errors import OutcomeUnknown as OutcomeUnknown
    from notify_core.errors import PluginError as PluginError
    from notify_core.errors import Problem as Problem
    from notify_core.errors import ProviderUnavailable as ProviderUnavailable
    from notify_core.errors import StoreUnavailable as StoreUnavailable
    from notify_core.errors import UnsupportedFeature as UnsupportedFeature
    from notify_core.errors import WebhookRejected as WebhookRejected
    from notify_core.metrics import Metrics as Metrics
    from notify_core.model import Answer as Answer
    from notify_core.model import Attempt as Attempt
    from notify_core.model import AttemptState as AttemptState
    from notify_core.model import Balance as Balance
    from notify_core.model import Channel as Channel
    from notify_core.model import Content as Content
    from notify_core.model import Importance as Importance
    from notify_core.model import InboundMessage as InboundMessage
    from notify_core.model import Kind as Kind
    from notify_core.model import Message as Message
    from notify_core.model import Outcome as Outcome
    from notify_core.model import Reason as Reason
    from notify_core.model import Receipt as Receipt
    from notify_core.model import Result as Result
    from notify_core.model import Status as Status
    from notify_core.model import TemplateReview as TemplateReview
    from notify_core.model import WebhookReply as WebhookReply
    from notify_core.model import WebhookRequest as WebhookRequest
    from notify_core.notifier import Notifier as Notifier
    from notify_core.observers import takes as takes
    from notify_core.plugins import Plugins as Plugins
    from notify_core.plugins import hookimpl as hookimpl
    from notify_core.secret import Secret as Secret
    from notify_core.sync import SyncNotifier as SyncNotifier
    from notify_core.worker import Worker as Worker

#: Where each public name lives. It is imported when it is first used, so that
#: `notify --help` and a provider's declaration do not wait for everything.
_HOMES = {
    "Answer": "notify_core.model",
    "Attempt": "notify_core.model",
    "AttemptState": "notify_core.model",
    "Balance": "notify_core.model",
    "CallTimeout": "notify_core.errors",
    "Channel": "notify_core.model",
    "ConfigurationError": "notify_core.errors",
    "Content": "notify_core.model",
    "IdempotencyConflict": "notify_core.errors",
    "Importance": "notify_core.model",
    "InboundMessage": "notify_core.model",
    "InvalidMessage": "notify_core.errors",
    "Kind": "notify_core.model",
    "Message": "notify_core.model",
    "MessageNotSent": "notify_core.errors",
    "Metrics": "notify_core.metrics",
    "Notifier": "notify_core.notifier",
    "NotifyError": "notify_core.errors",
    "Outcome": "notify_core.model",
    "OutcomeUnknown": "notify_core.errors",
    "PluginError": "notify_core.errors",
    "Plugins": "notify_core.plugins",
    "Problem": "notify_core.errors",
    "ProviderUnavailable": "notify_core.errors",
    "Reason": "notify_core.model",
    "Receipt": "notify_core.model",
    "Result": "notify_core.model",
    "Secret": "notify_core.secret",
    "Status": "notify_core.model",
    "StoreUnavailable": "notify_core.errors",
    "SyncNotifier": "notify_core.sync",
    "TemplateReview": "notify_core.model",
    "UnsupportedFeature": "notify_core.errors",
    "WebhookRejected": "notify_core.errors",
    "WebhookReply": "notify_core.model",
    "WebhookRequest": "notify_core.model",
    "Worker": "notify_core.worker",
    "hookimpl": "notify_core.plugins",
    "takes": "notify_core.observers",
}

__all__ = [
    "Answer",
    "Attempt",
    "AttemptState",
    "Balance",
    "CallTimeout",
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
    "ProviderUnavailable",
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
    "Worker",
    "hookimpl",
    "takes",
]


if not TYPE_CHECKING:  # or every misspelt import would be right

    def __getattr__(name):
        from importlib import import_module  # noqa: PLC0415 (as `typing` above)

        if name in _HOMES:
            return getattr(import_module(_HOMES[name]), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__():
        return sorted({*globals(), *__all__})
