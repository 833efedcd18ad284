"""Values only: what a message is, what happened to it, and what vendors tell."""

from notify_core.model.attempt import Answer, Attempt
from notify_core.model.channel import Channel, Importance, Kind
from notify_core.model.event import Event
from notify_core.model.message import Content, Message
from notify_core.model.outcome import Disposition, Outcome, Reason, Scope
from notify_core.model.receipt import Balance, InboundMessage, Receipt, TemplateReview
from notify_core.model.recipient import Email, Endpoint, Phone, Recipient
from notify_core.model.result import Exclusion, Result
from notify_core.model.status import AttemptState, Status
from notify_core.model.template import Binding, BindingMode, Template, Wording
from notify_core.model.webhook import (
    Push,
    WebhookRefusal,
    WebhookReply,
    WebhookRequest,
)

__all__ = [
    "Answer",
    "Attempt",
    "AttemptState",
    "Balance",
    "Binding",
    "BindingMode",
    "Channel",
    "Content",
    "Disposition",
    "Email",
    "Endpoint",
    "Event",
    "Exclusion",
    "Importance",
    "InboundMessage",
    "Kind",
    "Message",
    "Outcome",
    "Phone",
    "Push",
    "Reason",
    "Receipt",
    "Recipient",
    "Result",
    "Scope",
    "Status",
    "Template",
    "TemplateReview",
    "WebhookRefusal",
    "WebhookReply",
    "WebhookRequest",
    "Wording",
]
