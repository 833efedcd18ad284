"""A real HTTP server that behaves as a vendor does, with a control API and a page."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, ClassVar, Self

from aiohttp import web

from notify_core.testing.emulator.arrivals import Arrival, Arrivals, Reply, Report
from notify_core.testing.emulator.control import (
    PushKinds,
    ReceiptCall,
    ReplyCall,
    control_routes,
)
from notify_core.testing.emulator.faults import AS_USUAL, Do, Fault, Faults
from notify_core.testing.emulator.pushes import Push, Pushes, PushRequest
from notify_core.testing.emulator.receipts import Receipts
from notify_core.testing.emulator.site import Site
from notify_core.testing.emulator.submissions import (
    Order,
    Submission,
    Verdict,
    remember,
)
from notify_core.testing.emulator.wire import drop, raw_answer

#: A larger request body is answered with 413, as most vendors' gateways do.
MOST_BODY = 1024**2


class Emulator(ABC):
    """The part of an emulator that is the same for every vendor.

    A vendor's emulator supplies `routes()`, turns each request to send into an `Order`,
    and gives that to `answer()`; `receipt_request()` and `reply_request()` say what the
    vendor pushes. A vendor that does not speak HTTP calls `judge()` itself.

    Every record is bounded by *keep*: an emulator can run for months.

    Args:
        clock: Unix seconds.
        sleep: Waits between the tries of a push; scripted delays are always real.
        keep: How many arrivals, submissions, replies and pushes are remembered.
    """

    #: The page's heading.
    title: ClassVar[str] = "emulator"
    #: The regular expression of the vendor's codes.
    code_form: ClassVar[str] = ".+"
    #: Seconds before each try of a push.
    push_schedule: tuple[float, ...] = (0.0,)
    #: Seconds that one try of a push may take.
    push_timeout: float = 10.0
    #: Seconds between accepting a message and pushing its receipt.
    receipt_delay: float = 0.0

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        keep: int = 10_000,
    ) -> None:
        self.clock, self.sleep = clock, sleep
        #: What arrived; `messages` is the list of it.
        self.arrivals = Arrivals(keep)
        #: Every request to send, oldest first.
        self.submissions: deque[Submission] = deque(maxlen=keep)
        #: How many requests to send there were, and how many of them were accepted.
        self.received = self.accepted = 0
        #: The scripted faults.
        self.faults = Faults(self.code_form)
        #: What was and is being pushed.
        self.pushes = Pushes(
            schedule=self.push_schedule,
            acknowledges=self.acknowledges,
            timeout=self.push_timeout,
            clock=clock,
            sleep=sleep,
            keep=keep,
        )
        self._receipts = Receipts(
            request=self.receipt_request,
            arrivals=self.arrivals,
            pushes=self.pushes,
            clock=clock,
            sleep=sleep,
        )
        #: The application: the vendor's paths, the control API and the page.
        self.app = web.Application(client_max_size=MOST_BODY)
        self.app.add_routes([*self.routes(), *control_routes(self)])
        self._site = Site(self.app)

    # What a vendor's emulator supplies.

    @abstractmethod
    def routes(self) -> Iterable[web.AbstractRouteDef]:
        """Return the vendor's own paths."""

    def magic(self, recipient: str) -> Do | None:
        """Return what always happens to this recipient; None: nothing special."""
        return None

    def acknowledges(self, status: int, body: bytes) -> bool:
        """Whether this answer to a push is the one that the vendor wants."""
        return 200 <= status < 300  # noqa: PLR2004 (any 2xx)

    def receipt_request(self, report: Report) -> PushRequest | None:
        """Return the push of *report*; None: no URL is configured for it."""
        return None

    def reply_request(self, reply: Reply, about: Arrival | None) -> PushRequest | None:
        """Return the push of *reply*; None: no URL is configured for it.

        The page asks this to know whether to offer a reply.

        Raises:
            LookupError: This handset cannot reply.
        """
        return None

    def receipt_for(self, arrival: Arrival) -> str:
        """Return the outcome whose receipt follows by itself; `none`: no receipt."""
        return "none"

    def push_kinds(self) -> PushKinds:
        """Return what `POST /_emulator/push` can push: its fields, and who does it."""
        return {
            "receipt": (ReceiptCall, self.push_receipt),
            "reply": (ReplyCall, self.push_reply),
        }

    # Life.

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Serve on *host* and *port*; 0: a free one, see `url`.

        Raises:
            OSError: The port cannot be had.
            RuntimeError: The emulator runs already.
        """
        await self._site.start(host, port)
        self.pushes.open()

    async def stop(self) -> None:
        """Close every connection, cancel stalled answers and pushes."""
        await self._site.stop()
        await self.pushes.aclose()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        """The base URL, `http://127.0.0.1:8106`.

        Raises:
            RuntimeError: The emulator is not started.
        """
        return self._site.url

    # What tests ask and script.

    @property
    def messages(self) -> list[Arrival]:
        """What arrived, oldest first."""
        return list(self.arrivals)

    def fault(
        self, *, do: Mapping[str, Any], match: Mapping[str, Any] | None = None
    ) -> Fault:
        """Script a fault, as `POST /_emulator/faults` does.

        Raises:
            ValueError: It is malformed, or there are 1 000 already.
        """
        return self.faults.add({"match": match or {}, "do": do})

    async def reset(self) -> None:
        """Forget everything that happened and was scripted; cancel the pushes."""
        await self.pushes.cancel()
        self.pushes.log.clear()
        self.faults.clear()
        self.arrivals.clear()
        self.submissions.clear()
        self.received = self.accepted = 0

    async def push_receipt(
        self,
        id: str | None = None,  # noqa: A002 (the word of the control API)
        *,
        to: str | None = None,
        outcome: str = "delivered",
    ) -> Push:
        """Push a delivery report; return after its first try.

        Args:
            id: The vendor's id of the message; None: the newest one to *to*.
                One that never arrived is pushed as well, if *to* is given.
            to: The recipient to report; None: that of the message.
            outcome: `delivered`, `failed`, or a vendor's code.

        Raises:
            LookupError: No such message, or no URL is configured.
        """
        push = self._receipts.push(id, to, outcome)
        await push.tried()
        return push

    async def push_reply(self, to: str, text: str) -> Push:
        """Push an answer from the handset *to*; return after its first try.

        Raises:
            LookupError: No URL is configured.
        """
        about = self.arrivals.find(to=to)
        reply = Reply(to=about.to if about else to, text=text, at=self.clock())
        request = self.reply_request(reply, about)
        if request is None:
            raise LookupError("no URL is configured for replies: see the settings")
        self.arrivals.replies.append(reply)
        push = self.pushes.send(request)
        await push.tried()
        return push

    async def pushed(self) -> None:
        """Wait until no push is under way."""
        await self.pushes.drain()

    # The way of a submission.

    async def answer(self, request: web.Request, order: Order) -> web.StreamResponse:
        """Judge *order* and answer *request*, or do what is scripted instead."""
        do, verdict = self.judge(order)
        if do.delay:
            await asyncio.sleep(do.delay)
        if do.close:
            return drop(request, read=do.close == "after")
        if do.raw:
            return raw_answer(request, do.raw)
        assert verdict is not None
        assert verdict.response is not None
        return verdict.response

    def judge(self, order: Order) -> tuple[Do, Verdict | None]:
        """Return what is scripted for *order* and the verdict, if one is given."""
        scripted = self.faults.take(order.to)
        magic = self._magic_of(order)
        do = scripted or magic or AS_USUAL
        verdict = self._verdict(do, order, by_magic=magic is not None)
        self._record(order, verdict, do)
        if verdict:
            self._deliver(verdict.arrivals, do)
        return do, verdict

    def drop_unread(self, request: web.Request) -> web.StreamResponse:
        """Close the connection of a submission of which no body was read."""
        do = self.faults.take(()) or AS_USUAL
        self.received += 1
        self.submissions.append(Submission(at=self.clock(), fault=str(do)))
        return drop(request, read=False)

    def _magic_of(self, order: Order) -> Do | None:
        for recipient in order.to:
            if do := self.magic(recipient):
                return do
        return None

    def _verdict(self, do: Do, order: Order, *, by_magic: bool) -> Verdict | None:
        if do.code:
            return order.force(do.code)
        return order.process(by_magic=by_magic) if do.processes else None

    def _record(self, order: Order, verdict: Verdict | None, do: Do) -> None:
        self.received += 1
        if verdict and verdict.arrivals:
            self.accepted += 1
        self.submissions.append(remember(self.clock(), order, verdict, do))

    def _deliver(self, arrivals: tuple[Arrival, ...], do: Do) -> None:
        for arrival in arrivals:
            self.arrivals.put(arrival)
            outcome = do.receipt or self.receipt_for(arrival)
            self._receipts.push_later(arrival, outcome, self.receipt_delay)
