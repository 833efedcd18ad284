"""What a provider is: declared facts, and one method that submits."""

from notify_core.provider.capabilities import (
    Capabilities,
    QueryMode,
    ReceiptMode,
    SenderMode,
    TextMode,
)
from notify_core.provider.code import Code, coded_answer, refused_question
from notify_core.provider.provider import (
    Account,
    Provider,
    SupportsBalance,
    SupportsQuery,
    SupportsWebhook,
)
from notify_core.provider.provider_type import ProviderType, Settings, TemplateFault
from notify_core.provider.submission import BoundTemplate, Submission

__all__ = [
    "Account",
    "BoundTemplate",
    "Capabilities",
    "Code",
    "Provider",
    "ProviderType",
    "QueryMode",
    "ReceiptMode",
    "SenderMode",
    "Settings",
    "Submission",
    "SupportsBalance",
    "SupportsQuery",
    "SupportsWebhook",
    "TemplateFault",
    "TextMode",
    "coded_answer",
    "refused_question",
]
