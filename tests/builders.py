"""Notifiers with scripted providers, in few words."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from ipaddress import ip_network
from random import Random
from typing import Any, TypeVar

import attrs
import pytest
from yarl import URL

from notify_core import logs
from notify_core.config.snapshot import ProviderSettings, Snapshot, WebhookSettings
from notify_core.errors import StoreUnavailable
from notify_core.http import HttpClient, HttpResponse
from notify_core.metrics import Metrics
from notify_core.model.attempt import Answer
from notify_core.model.channel import Kind
from notify_core.model.checked import Facts
from notify_core.model.event import Event
from notify_core.model.message import Content, Message
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.receipt import InboundMessage, Receipt, TemplateReview
from notify_core.model.recipient import Phone
from notify_core.model.result import Result
from notify_core.model.status import AttemptState
from notify_core.model.template import Template
from notify_core.model.webhook import Push, WebhookReply, WebhookRequest
from notify_core.notifier import Notifier, Options
from notify_core.outbox.memory import MemoryOutbox
from notify_core.outbox.port import Change
from notify_core.outbox.record import Record
from notify_core.plugins import Plugins, hookimpl
from notify_core.policy.decision import ALLOW, Decision
from notify_core.policy.policy import NamedPolicy, Policy
from notify_core.policy.policy_set import PolicySet
from notify_core.policy.take import Refused, Take
from notify_core.provider import Submission
from notify_core.routing.health.health import Health
from notify_core.routing.plan import Planner
from notify_core.routing.pool import Pool
from notify_core.routing.refusals import VendorRefusals
from notify_core.routing.route import Route
from notify_core.routing.tree import RoutingTree
from notify_core.routing.turns import Turns
from notify_core.secret import Secret
from notify_core.template.catalogue import compiled
from notify_core.testing import FakeClock, FakeProvider, FakeVendor

E = TypeVar("E")

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NUMBER = "+8613800138000"
PHONE = Phone(NUMBER, "86", "CN")
TOKEN = "t0ken-of-the-tests"  # noqa: S105 (it opens nothing)

#: Takes one required parameter, `code`.
CODE = Template(
    name="code",
    kind=Kind.OTP,
    params={
        "type": "object",
        "properties": {"code": {"type": "string", "pattern": "^[0-9]{4,8}$"}},
        "required": ["code"],
        "additionalProperties": False,
    },
    text="Your code is {{ code }}.",
)


class Seen:
    """An observer that keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    @hookimpl
    def notify_observe(self, event: Event) -> None:
        """Keep it."""
        self.events.append(event)

    def of(self, kind: type[E]) -> list[E]:
        """Return the events of this class, in order."""
        return [event for event in self.events if isinstance(event, kind)]


class Mute:
    """A provider that submits as another one does, and can nothing else."""

    def __init__(self, behind: FakeProvider) -> None:
        self.submit = behind.submit
        self.aclose = behind.aclose


class Wired:
    """A provider that makes a real request; status 200 accepts."""

    def __init__(self, http: HttpClient, url: str) -> None:
        self._http = http
        self._url = URL(url)

    async def submit(self, submission: Submission) -> Answer:
        """Post the text."""
        return await self._http.submit(
            self._url,
            (submission.text or "").encode(),
            content_type="text/plain",
            timeouts=submission.timeouts,
            wire=submission.wire,
            read=_read_status,
        )

    async def aclose(self) -> None:
        """Close nothing: the session is not its own."""


def _read_status(response: HttpResponse) -> Answer | None:
    if response.status != HTTPStatus.OK:
        return None
    return Answer(outcome=Outcome.ACCEPTED)


def wired(url: str) -> FakeVendor:
    """Return a vendor whose providers post to that address."""
    return FakeVendor("wired", create=lambda account: Wired(account.http, url))


class FailingOutbox(MemoryOutbox):
    """A memory outbox that is out of reach when it is told to be.

    Attributes:
        failing: Names of the methods that raise `StoreUnavailable`.
        spared: How many calls of each go well before that.
    """

    def __init__(self, *failing: str, spared: int = 0) -> None:
        super().__init__()
        self.failing = set(failing)
        self.spared = dict.fromkeys(failing, spared)

    def __getattribute__(self, name: str) -> Any:
        get = super().__getattribute__
        if name.startswith("_") or name not in get("__dict__").get("failing", ()):
            return get(name)
        if get("spared").get(name, 0) > 0:
            get("spared")[name] -= 1
            return get(name)

        async def fail(*_: object, **__: object) -> None:
            raise StoreUnavailable("the disk is full")

        return fail


class SlowOutbox(MemoryOutbox):
    """A memory outbox that takes some turns of the loop, as a real store does."""

    async def change(self, message: str, to: Callable[[Record], Record]) -> Change:
        """Change it after a while."""
        for _ in range(2):
            await asyncio.sleep(0)
        return await super().change(message, to)


async def until(reached: Callable[[], object]) -> None:
    """Let the loop turn until something has come about."""
    while not reached():  # noqa: ASYNC110 (what is waited for tells nobody)
        await asyncio.sleep(0)


def states(result: Result) -> list[tuple[str, AttemptState, Reason]]:
    """Return how each attempt stands."""
    return [(a.provider, a.state, a.reason) for a in result.attempts]


def is_written(vendor: FakeVendor) -> bool:
    """Return whether a submission of account `a` was written."""
    return any(submission.wire.begun for submission in vendor["a"].submissions)


async def cancelled(open_: Notifier, reached: Callable[[], object]) -> Result:
    """Send, cancel once it is *reached*, and return what is known then."""
    message = code()
    sending = asyncio.create_task(open_.send(message))
    await until(reached)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    known = await open_.get(message.id)
    assert known is not None
    return known


def provider(
    vendor: FakeVendor,
    name: str = "a",
    *,
    account: str | None = None,
    webhook: WebhookSettings | None = None,
    **capabilities: Any,
) -> ProviderSettings:
    """Return a configured account of the vendor; an account is its own by default."""
    return ProviderSettings(
        name=name,
        type=vendor.type,
        settings={},
        capabilities=attrs.evolve(vendor.type.capabilities, **capabilities),
        account=account or name,
        webhook=webhook,
    )


class Says:
    """A policy that says the same of every message that takes from a counter or not."""

    def __init__(self, decision: Decision, *takes: Take) -> None:
        self._decision = decision
        self._takes = takes

    def needs(self, facts: Facts) -> tuple[Take, ...]:
        """Return what was given."""
        return self._takes

    def decide(self, facts: Facts, now: datetime, refused: Refused) -> Decision:
        """Say it; with takes, only of what they were refused for."""
        is_silent = self._takes and not any(take in refused for take in self._takes)
        return ALLOW if is_silent else self._decision


def policies(**named: Policy) -> PolicySet:
    """Return a policy set that asks these, each time."""
    asked = [NamedPolicy(name=n, policy=p, recurs=True) for n, p in named.items()]
    return PolicySet(admission=tuple(asked))


def webhook(*tokens: str, allow_from: Iterable[str] = ()) -> WebhookSettings:
    """Return who may push; `TOKEN` opens where none is given."""
    return WebhookSettings(
        tokens=tuple(Secret(token) for token in tokens or (TOKEN,)),
        allow_from=tuple(ip_network(network) for network in allow_from),
    )


def snapshot(
    *providers: ProviderSettings,
    policy: PolicySet | None = None,
    templates: Iterable[Template] = (),
    free_text: bool = False,
) -> Snapshot:
    """Return a configuration with one pool of these providers, in order."""
    members = tuple(p.name for p in providers)
    return Snapshot(
        hash="0123456789ab",
        region="CN",
        providers={p.name: p for p in providers},
        templates={t.name: compiled(t) for t in (CODE, *templates)},
        routes=RoutingTree(
            root=Route(
                pool=Pool.of("pool", *members),
                policy=policy or PolicySet(),
                free_text=free_text,
            )
        ),
    )


def planner(configured: Snapshot, **parts: Any) -> Planner:
    """Return what plans under a configuration, with everybody well."""
    clock = FakeClock(NOON)
    usual: dict[str, Any] = {
        "health": Health(clock, lambda _: None, configured.providers),
        "refusals": VendorRefusals(),
        "turns": Turns(),
        "random": Random(1),  # noqa: S311 (no secret)
    }
    return Planner(snapshot=configured, **{**usual, **parts})


def accounts(vendor: FakeVendor, *names: str, **fields: Any) -> Snapshot:
    """Return a configuration with accounts of one vendor, in order."""
    return snapshot(*(provider(vendor, name) for name in names), **fields)


def notifier(
    configured: Snapshot,
    *observers: object,
    metrics: Metrics | None = None,
    **options: Any,
) -> Notifier:
    """Return a notifier on a fake clock that nothing else moves."""
    metrics = metrics or Metrics()
    seen = {f"observer-{n}": observer for n, observer in enumerate(observers)}
    plugins = Plugins(extra={"metrics": metrics, "logs": logs, **seen})
    given: Options = {"clock": FakeClock(runs=False), "random": Random(1)}  # noqa: S311 (jitter)
    return Notifier(
        configured, plugins=plugins, metrics=metrics, **{**given, **options}
    )


def code(**fields: Any) -> Message:
    """Return a verification code to `NUMBER`."""
    usual = {"to": NUMBER, "template": "code", "params": {"code": "1234"}}
    return Message(**{**usual, **fields})


def text(words: str = "Your parcel is here.", **fields: Any) -> Message:
    """Return a notice to `NUMBER` without a template."""
    return Message(**{"to": NUMBER, "content": Content(text=words), **fields})


def record(message: Message | None = None, **fields: Any) -> Record:
    """Return what is recorded of a message, by default a code accepted at noon."""
    usual: Mapping[str, Any] = {
        "message": message or code(),
        "recipient": PHONE,
        "kind": Kind.OTP,
        "accepted_at": NOON,
        "deadline": NOON + timedelta(seconds=30),
        "deadline_reason": Reason.DEADLINE_EXCEEDED,
        "route": "root",
        "text": "Your code is 1234.",
    }
    return Record(**{**usual, **fields})


def pushed(vendor: FakeVendor, name: str, *events: object) -> WebhookRequest:
    """Return a push that the account of that name reads as these events."""
    told = tuple(
        e for e in events if isinstance(e, Receipt | InboundMessage | TemplateReview)
    )
    push = Push(events=told, reply=WebhookReply(body=b"ok"))
    vars(vendor[name])["parse_webhook"] = lambda _: push
    return WebhookRequest(url="https://n.example/a", token=TOKEN)
