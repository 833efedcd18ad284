"""Messages that are sent at once exceed no limit, in whatever order their steps fall.

A scheduler lets one to three of the coroutines go on at a time. Each stops before it
takes from the counters, before it changes what is recorded, and while a vendor has it.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import attrs
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from notify_core.model.attempt import Answer
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.result import Result
from notify_core.outbox.memory import MemoryOutbox
from notify_core.policy.limits import LIMITS
from notify_core.policy.policy import NamedPolicy
from notify_core.policy.policy_set import PolicySet
from notify_core.provider import Submission
from notify_core.testing import FakeVendor
from notify_core.transmission import Timeouts
from notify_core.trial.scripted import answer_for
from tests.builders import NUMBER, accounts, code, notifier
from tests.dispatch.durable import outbox_in
from tests.policy.counting import OTHER, policy

COUNT = 200
PER_NUMBER, PER_TENANT = 5, 7
ALLOWANCES = [
    {"name": "per-number", "key": ["recipient"], "allow": [f"{PER_NUMBER}/1h"]},
    {"name": "per-tenant", "key": ["labels.tenant"], "allow": [f"{PER_TENANT}/1h"]},
]
#: The second gives back what was taken.
ANSWERS = [Reason.NONE, Reason.RECIPIENT_INVALID, Reason.NO_RESPONSE]


#: On a busy machine all of it takes longer than an attempt usually may.
PATIENT = PolicySet(
    deadline=timedelta(hours=1), attempt_timeout=Timeouts(connect=300, read=300)
)

#: It would take minutes, and an order of 600 steps does not become a simple one.
DRAWN = settings(
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    deadline=None,
    suppress_health_check=tuple(HealthCheck),
)


@attrs.define
class Scheduler:
    """Lets some of those that wait go on, again and again.

    Attributes:
        random: Says how many and which.
        waiting: They stop here.
        news: Somebody waits.
    """

    random: Random
    waiting: list[asyncio.Future[None]] = attrs.field(factory=list)
    news: asyncio.Event = attrs.field(factory=asyncio.Event)

    async def turn(self) -> None:
        """Wait to go on."""
        turn = asyncio.get_running_loop().create_future()
        self.waiting.append(turn)
        self.news.set()
        await turn

    async def run(self, *work: Coroutine[Any, Any, Result]) -> list[Result]:
        """Run all of it to its end."""
        going_on = asyncio.create_task(self._go_on())
        tasks = [asyncio.create_task(one) for one in work]
        await asyncio.wait(tasks)
        going_on.cancel()
        return [task.result() for task in tasks]

    async def _go_on(self) -> None:
        """Give turns, and nothing to draw for while nobody waits.

        How often an outbox with a thread of its own lets this go round says nothing.
        """
        while True:
            await self.news.wait()
            await asyncio.sleep(0)
            for _ in range(min(self.random.randint(1, 3), len(self.waiting))):
                turn = self.waiting.pop(self.random.randrange(len(self.waiting)))
                if not turn.done():  # whoever is cancelled waits no more
                    turn.set_result(None)
            if not self.waiting:
                self.news.clear()


def stopping(outbox: Any, scheduler: Scheduler) -> Any:
    """Return an outbox that asks for a turn before each of its changes."""
    for name in ("add", "change"):
        setattr(outbox, name, _in_turn(getattr(outbox, name), scheduler))
    return outbox


def _in_turn(change: Callable[..., Any], scheduler: Scheduler) -> Callable[..., Any]:
    async def changed(*args: Any, **options: Any) -> Any:
        await scheduler.turn()
        return await change(*args, **options)

    return changed


@attrs.define
class Watched:
    """Counts the messages that a vendor has, or may have delivered.

    Attributes:
        live: By number, and by tenant.
        most: What was counted at most.
    """

    scheduler: Scheduler
    live: Counter[str] = attrs.field(factory=Counter)
    most: Counter[str] = attrs.field(factory=Counter)

    async def submitted(self, submission: Submission) -> Answer:
        """Answer as drawn, some time later."""
        names = (submission.recipient.address, "tenant")
        self.live.update(names)
        self.most |= self.live
        submission.wire.begin()
        await self.scheduler.turn()
        answer = answer_for(self.scheduler.random.choice(ANSWERS))
        if answer.outcome is Outcome.REJECTED:
            self.live.subtract(names)
        return answer


async def sent(outbox: Any, random: Random) -> tuple[Watched, list[Result]]:
    """Send 200 messages at once to two numbers for one tenant."""
    scheduler, vendor = Scheduler(random), FakeVendor()
    watched = Watched(scheduler)
    vendor["a"].answers(*[watched.submitted] * COUNT)
    limited = NamedPolicy(name="limits", policy=policy(LIMITS, ALLOWANCES))
    configured = accounts(
        vendor, "a", policy=attrs.evolve(PATIENT, admission=(limited,))
    )
    async with notifier(configured, outbox=stopping(outbox, scheduler)) as open_:
        work = (
            open_.send(code(to=to, labels={"tenant": "t"}))
            for to in (NUMBER, OTHER) * (COUNT // 2)
        )
        return watched, await scheduler.run(*work)


def holds(watched: Watched, results: list[Result]) -> None:
    """Say that no more had a message than may, and that all others were refused."""
    assert watched.most[NUMBER] <= PER_NUMBER
    assert watched.most[OTHER] <= PER_NUMBER
    assert watched.most["tenant"] <= PER_TENANT
    tried = [result for result in results if result.attempts]
    assert len(tried) >= PER_TENANT
    assert {r.reason for r in results if not r.attempts} == {Reason.POLICY_RATE_LIMITED}


# By a seed: what is drawn one by one comes to an end, and with it all turns.
@settings(DRAWN, max_examples=10)
@given(random=st.randoms(use_true_random=True))
def test_no_limit_is_exceeded_under_any_interleaving_of_200_sends(
    random: Random,
) -> None:
    holds(*asyncio.run(sent(MemoryOutbox(), random)))


@settings(DRAWN, max_examples=5)
@given(random=st.randoms(use_true_random=True))
def test_none_is_exceeded_where_a_file_keeps_the_counters(random: Random) -> None:
    with TemporaryDirectory() as folder:
        holds(*asyncio.run(sent_by_file(Path(folder), random)))


async def sent_by_file(folder: Path, random: Random) -> tuple[Watched, list[Result]]:
    """Send them with an outbox in a folder."""
    outbox = outbox_in(folder)
    try:
        return await sent(outbox, random)
    finally:
        await outbox.aclose()
