"""What a provider is: declared facts, and one method that submits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from importlib.resources.abc import Traversable
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import attrs

from notify_core.errors import Problem, UnsupportedFeature
from notify_core.http import HttpClient
from notify_core.model.attempt import Answer, Attempt
from notify_core.model.channel import Channel, Kind
from notify_core.model.message import Content
from notify_core.model.outcome import Outcome, Reason, Scope
from notify_core.model.receipt import Balance, Receipt
from notify_core.model.recipient import Recipient
from notify_core.model.template import Binding, Template
from notify_core.model.webhook import Push, WebhookRequest
from notify_core.secret import Secret
from notify_core.transmission import Timeouts, Wire

if TYPE_CHECKING:
    from notify_core.testing.emulator import Emulator


class TextMode(StrEnum):
    """Which texts a provider takes."""

    #: Any text.
    FREE = "free"
    #: Texts that match a template filed with the vendor.
    APPROVED = "approved"
    #: None: only template ids with parameters.
    NONE = "none"


class ReceiptMode(StrEnum):
    """How delivery reports come."""

    #: They do not.
    NONE = "none"
    #: The vendor calls us.
    PUSH = "push"
    #: We ask the vendor.
    POLL = "poll"


class SenderMode(StrEnum):
    """Who decides on the sender."""

    #: The message may name one.
    FREE = "free"
    #: The account has its own.
    FIXED = "fixed"


class QueryMode(StrEnum):
    """How a submission can be looked up at the vendor."""

    #: It cannot.
    NONE = "none"
    #: By our reference.
    REFERENCE = "reference"
    #: By recipient and time.
    RECIPIENT = "recipient"


@attrs.frozen(kw_only=True)
class Capabilities:
    """What a provider can do. The core refuses the rest before anything is sent."""

    channels: frozenset[Channel]
    text: TextMode
    #: It takes the vendor's template id with parameters.
    templates: bool = False
    receipts: ReceiptMode = ReceiptMode.NONE
    #: A receipt may be matched by recipient and time when no answer came.
    receipt_match_recipient: bool = False
    #: It reports replies of recipients.
    inbound: bool = False
    sender: SenderMode = SenderMode.FREE
    #: With a fixed sender: its name, where the settings tell it.
    sender_name: str | None = None
    #: ISO 3166 alpha-2 codes of the destinations served; None: all.
    countries: frozenset[str] | None = None
    #: It tells what is left on the account.
    balance: bool = False
    query: QueryMode = QueryMode.NONE
    #: How long the vendor recognises our reference and does not send twice.
    idempotent_reference: timedelta | None = None


@attrs.frozen(kw_only=True)
class BoundTemplate:
    """A template as one provider knows it, with this message's values."""

    #: The vendor's template id.
    id: str
    #: (the vendor's parameter name, value) in the vendor's order.
    params: tuple[tuple[str, str], ...] = attrs.field(default=(), repr=False)


@attrs.frozen(kw_only=True)
class Submission:
    """One message, rendered for one provider."""

    #: Our id of the message.
    message: str
    #: What the vendor may call it; the same in every repetition.
    reference: str
    recipient: Recipient
    channel: Channel
    kind: Kind
    #: The rendered text; None where only the template id is sent.
    text: str | None = attrs.field(default=None, repr=False)
    #: Subject and HTML of an e-mail.
    content: Content | None = attrs.field(default=None, repr=False)
    #: The vendor's template; None when the text is sent.
    template: BoundTemplate | None = None
    sender: str | None = None
    #: The message's options for this provider type.
    extra: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    timeouts: Timeouts = attrs.field(factory=Timeouts)
    #: Notes when the request began to be written.
    wire: Wire = attrs.field(factory=Wire, eq=False, repr=False)


@attrs.frozen(kw_only=True)
class Account:
    """What a provider is built from: one configured account."""

    #: The configured name.
    name: str
    #: Validated by the type's schema, defaults filled in, secrets as `Secret`.
    settings: Mapping[str, Any] = attrs.field(repr=False)
    http: HttpClient = attrs.field(repr=False)
    #: Where the vendor is to push, token included, for vendors that are told with
    #: each message; None: the configuration has no public address for it.
    callback_url: Secret | None = None
    #: The time, with time zone.
    now: Callable[[], datetime] = attrs.field(repr=False)


@runtime_checkable
class Provider(Protocol):
    """One configured account of a vendor."""

    async def submit(self, submission: Submission) -> Answer:
        """Make one request, never repeated, and say what the vendor said.

        Wire faults are answers too: `HttpClient.submit` makes them.
        """
        ...

    async def aclose(self) -> None:
        """Release what the provider itself opened; the session is not its own."""
        ...


@runtime_checkable
class SupportsBalance(Protocol):
    """Declared by `Capabilities.balance`."""

    async def balance(self) -> Balance:
        """Ask what is left.

        Raises:
            ProviderUnavailable: No usable answer, or a refusal; says which.
        """
        ...


@runtime_checkable
class SupportsQuery(Protocol):
    """Declared by `Capabilities.query`."""

    async def query(self, attempt: Attempt, recipient: Recipient) -> Receipt | None:
        """Ask what became of an attempt; None when the vendor does not know yet."""
        ...


@runtime_checkable
class SupportsWebhook(Protocol):
    """Declared by `Capabilities.receipts` `push` or `Capabilities.inbound`."""

    def parse_webhook(self, request: WebhookRequest) -> Push:
        """Read one push; token and source were checked before.

        Raises:
            WebhookRejected: The signature does not fit, or the body is unreadable.
        """
        ...


@attrs.frozen(kw_only=True)
class Code:
    """What one code of a vendor means."""

    #: `none` for the codes that mean accepted.
    reason: Reason
    #: The vendor's own words, from its documentation.
    text: str
    scope: Scope = Scope.MESSAGE
    #: From the time of the answer: when the vendor may be asked again.
    retry_at: Callable[[datetime], datetime] | None = None
    #: A request made afresh may cure it: repeated once.
    repeatable: bool = False
    #: What to do about it, where the vendor's words do not tell.
    advice: str | None = None

    def words(self, text: str | None) -> str | None:
        """Return the vendor's words, and what to do where they do not tell."""
        said = text or self.text
        return f"{said} ({self.advice})" if self.advice else said or None


_UNMAPPED = Code(reason=Reason.UNMAPPED, text="")


def coded_answer(
    known: Code | None,
    code: str,
    *,
    text: str | None,
    now: datetime,
    provider_id: str | None = None,
    retry_at: datetime | None = None,
    segments: int | None = None,
) -> Answer:
    """Return what a vendor's *code* means.

    Args:
        known: The code's row in the vendor's table; None is `unmapped`.
        code: As the vendor gave it.
        text: The vendor's words in this answer; None: those of the table.
        now: The time of the answer.
        provider_id: The vendor's id of the message.
        retry_at: When the vendor may be asked again, where this answer says so.
        segments: How many parts the vendor bills, where this answer says so.
    """
    known = known or _UNMAPPED
    accepted = known.reason in (Reason.NONE, Reason.DUPLICATE_REQUEST)
    return Answer(
        outcome=Outcome.ACCEPTED if accepted else Outcome.REJECTED,
        reason=known.reason,
        scope=known.scope,
        code=code,
        text=known.words(text),
        provider_id=provider_id,
        retry_at=retry_at or (known.retry_at(now) if known.retry_at else None),
        repeatable=known.repeatable,
        segments=segments,
    )


def refused_question(known: Code | None, code: str, text: str | None) -> str:
    """Return why a question was refused, for `ProviderUnavailable`."""
    words = known.words(text) if known else text
    return f"refused with {code} {words or ''}".rstrip()


Settings = Mapping[str, Any]


@attrs.frozen(kw_only=True)
class TemplateFault:
    """What is wrong with a template that a provider is to send."""

    #: JSON pointer from the template, `/text/zh-CN`; what begins with `/binding`
    #: leads into the provider's own binding.
    pointer: str
    #: What is wrong and what to do.
    message: str
    #: Some messages of it can be sent all the same: a warning, not an error.
    is_partial: bool = False


@attrs.frozen(kw_only=True)
class ProviderType:
    """What a plugin offers: a vendor's facts, and how to make a provider of it."""

    #: Lower case; the configuration says it as `type`.
    name: str
    #: One sentence for lists.
    summary: str
    #: What accounts of this type can do at most; the matrix in the documentation.
    capabilities: Capabilities
    #: JSON Schema 2020-12 of the settings; `writeOnly` marks secrets.
    settings_schema: Mapping[str, Any] = attrs.field(repr=False)
    create: Callable[[Account], Provider]
    #: What identifies the account at the vendor, as `C0001`.
    account_key: Callable[[Settings], str]
    #: Vendor code to meaning, with the source of the table beside it.
    codes: Mapping[str, Code] = attrs.field(factory=dict, repr=False)
    #: What one account can do, where its settings narrow it.
    account_capabilities: Callable[[Settings], Capabilities] | None = None
    #: JSON Schema of `extra.<type>` of a message; None: nothing is taken.
    extra_schema: Mapping[str, Any] | None = attrs.field(default=None, repr=False)
    #: The options under `extra.<type>` with which a text that is a JSON document is
    #: sent as it is; empty: there are none.
    json_text: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    #: What is wrong with an account's settings that no schema can say; pointers
    #: start at the settings.
    problems: Callable[[Settings], Iterable[Problem]] | None = None
    #: Why this account cannot take a rendered message; None when it can.
    refuses: Callable[[Settings, Submission], str | None] | None = None
    #: What keeps an account from sending messages of a template that is bound to it,
    #: or that it takes without a binding.
    template_faults: (
        Callable[[Settings, Template, Binding | None], Iterable[TemplateFault]] | None
    ) = None
    #: How many parts the vendor bills, where it counts in another way than GSM-7 and
    #: UCS-2 do.
    segments: Callable[[Settings, Submission], int] | None = None
    #: The vendor's caps, in the form that `limits` of a policy set has; taken where
    #: the configuration says `limits: recommended`.
    recommended_limits: tuple[Mapping[str, Any], ...] = attrs.field(
        default=(), repr=False
    )
    #: The place of the function that makes the vendor's emulator from its options,
    #: as `pkgutil.resolve_name` takes it. It takes `push_url` if the vendor pushes.
    emulator: str | None = None
    #: Folder with the `notify.yaml` and `messages.json` that `notify demo` plays.
    demo: Traversable | None = attrs.field(default=None, repr=False)

    def capabilities_for(self, settings: Settings) -> Capabilities:
        """Return what an account with these settings can do."""
        if self.account_capabilities is None:
            return self.capabilities
        return self.account_capabilities(settings)

    def make_emulator(self, options: Mapping[str, Any]) -> Emulator:
        """Make the vendor's emulator, not started.

        Raises:
            UnsupportedFeature: The type has none.
            ValueError: With every fault in *options*.
        """
        if self.emulator is None:
            raise UnsupportedFeature(self.name, "an emulator")
        made: Emulator = resolve_name(self.emulator)(options)
        return made
