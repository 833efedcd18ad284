"""What the vendor pushes to its customer's URL, again until it is acknowledged."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from enum import StrEnum

import aiohttp
import attrs

from notify_core.model.masking import masked

_MOST_READ = 1_024
#: Seconds that an idle connection is used again: a restarted receiver loses no push.
_KEEPALIVE = 2.0


class PushState(StrEnum):
    """How far a push is."""

    #: Not acknowledged yet; another try follows.
    PENDING = "pending"
    #: The receiver gave the answer that the vendor wants.
    ACKNOWLEDGED = "acknowledged"
    #: Every try failed.
    GIVEN_UP = "given_up"
    #: Stopped or reset before its end, or too many were under way.
    CANCELED = "canceled"


@attrs.frozen(kw_only=True)
class PushRequest:
    """One HTTP request of the vendor to its customer."""

    #: `receipt`, `reply`, or a kind of the vendor's own.
    kind: str
    #: Where to.
    url: str = attrs.field(repr=False)
    #: The body.
    body: bytes = attrs.field(repr=False)
    #: The headers.
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    #: The id of the message that it is about, or nothing.
    message: str = ""
    #: Whose handset it is about, or nothing.
    to: str = attrs.field(default="", repr=masked)


@attrs.frozen(kw_only=True)
class Try:
    """One try to push."""

    #: When, Unix seconds by the emulator's clock.
    at: float
    #: HTTP status; 0: there was no answer.
    status: int
    #: The beginning of the answer, or what went wrong.
    answer: str
    #: Whether that is the answer that the vendor wants.
    acknowledged: bool


@attrs.define(kw_only=True, eq=False)
class Push:
    """One push and its tries."""

    #: What is pushed.
    request: PushRequest
    #: How far it is.
    state: PushState = PushState.PENDING
    #: The tries so far.
    tries: list[Try] = attrs.Factory(list)
    _tried: asyncio.Event = attrs.field(factory=asyncio.Event, repr=False)

    async def tried(self) -> None:
        """Wait until the first try has ended, or the push was canceled."""
        await self._tried.wait()

    def add(self, attempt: Try) -> None:
        """Note one more try."""
        self.tries.append(attempt)
        self._tried.set()

    def end(self, state: PushState) -> None:
        """Note the end."""
        self.state = state
        self._tried.set()

    def close(self) -> None:
        """Note that nothing more will be tried."""
        if self.state is PushState.PENDING:
            self.end(PushState.CANCELED)


@attrs.define(kw_only=True, eq=False)
class Pushes:
    """Sends pushes on the vendor's schedule; remembers the newest *keep*."""

    #: Seconds before each try.
    schedule: tuple[float, ...]
    #: Whether a status and a body are the answer that the vendor wants.
    acknowledges: Callable[[int, bytes], bool]
    #: Seconds that one try may take.
    timeout: float
    clock: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    keep: int
    #: The newest pushes, oldest first.
    log: deque[Push] = attrs.field(init=False)
    _tasks: set[asyncio.Task[None]] = attrs.field(init=False, factory=set)
    _session: aiohttp.ClientSession | None = attrs.field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        self.log = deque(maxlen=self.keep)

    def open(self) -> None:
        """Make the session; call it inside the running loop."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(keepalive_timeout=_KEEPALIVE),
            timeout=aiohttp.ClientTimeout(total=self.timeout),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def aclose(self) -> None:
        """Cancel what is under way and close the session."""
        await self.cancel()
        if self._session:
            await self._session.close()
            self._session = None

    async def cancel(self) -> None:
        """Cancel what is under way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def drain(self) -> None:
        """Wait until nothing is under way."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def send(self, request: PushRequest) -> Push:
        """Begin to push *request*.

        Raises:
            RuntimeError: The emulator is not started.
        """
        if self._session is None:
            raise RuntimeError("start the emulator before it pushes")
        push = Push(request=request)
        self.log.append(push)
        self.spawn(self._deliver(self._session, push), then=push.close)
        return push

    def spawn(
        self,
        work: Coroutine[None, None, None],
        *,
        then: Callable[[], None] = lambda: None,
    ) -> None:
        """Run *work* behind the answer, unless *keep* tasks are under way already.

        Args:
            work: What to do.
            then: Called when it has ended, however that came.
        """
        if len(self._tasks) >= self.keep:
            work.close()
            then()
            return
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: then())

    async def _deliver(self, session: aiohttp.ClientSession, push: Push) -> None:
        for pause in self.schedule:
            await self.sleep(pause)
            push.add(await self._try(session, push.request))
            if push.tries[-1].acknowledged:
                return push.end(PushState.ACKNOWLEDGED)
        return push.end(PushState.GIVEN_UP)

    async def _try(self, session: aiohttp.ClientSession, request: PushRequest) -> Try:
        status, answer = 0, b""
        try:
            status, answer = await _post(session, request)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            answer = type(error).__name__.encode()
        return Try(
            at=self.clock(),
            status=status,
            answer=answer.decode("utf-8", "replace"),
            acknowledged=bool(status) and self.acknowledges(status, answer),
        )


async def _post(
    session: aiohttp.ClientSession, request: PushRequest
) -> tuple[int, bytes]:
    async with session.post(
        request.url,
        data=request.body,
        headers=request.headers,
        allow_redirects=False,
    ) as response:
        return response.status, await response.content.read(_MOST_READ)
