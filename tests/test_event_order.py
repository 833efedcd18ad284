"""The same events in any order give the same status, whatever kind they are of."""

import asyncio
from datetime import timedelta

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notify_core.dispatch.inquiry import inquire
from notify_core.model.attempt import Answer
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.receipt import Receipt
from notify_core.model.result import Result
from notify_core.model.status import AttemptState, Status
from notify_core.notifier import Notifier
from notify_core.outbox.memory import MemoryOutbox
from notify_core.outbox.port import Found
from notify_core.policy.policy_set import PolicySet, ReceiptDeadline
from notify_core.provider import Submission
from notify_core.testing import FakeClock, FakeVendor
from notify_core.trial.scripted import answer_for
from tests.builders import code, notifier, provider, pushed, snapshot, until, webhook

NEWS = [
    *(AttemptState.ACCEPTED, AttemptState.SENT, AttemptState.UNDELIVERED),
    *(AttemptState.EXPIRED, AttemptState.DELIVERED),
]
#: The answer to the submission; what a push says; what the vendor says when asked;
#: so much time that whatever is waited for is given up.
ANSWERED, PUSHED, ASKED, PASSED = "answered", "pushed", "asked", "passed"
#: Longer than anything is waited for.
LONG = timedelta(days=1)
#: Of the loop: nothing here waits for anything else than the clock.
TURNS = 50
GIVES_UP = PolicySet(receipt_deadline=ReceiptDeadline(within=timedelta(hours=1)))
Event = tuple[str, AttemptState]
events = st.lists(
    st.tuples(st.sampled_from([PUSHED, ASKED]), st.sampled_from(NEWS)), max_size=5
)


@attrs.define
class Story:
    """One message, and what is heard of it."""

    answer: Reason
    policy: PolicySet = attrs.field(factory=PolicySet)
    clock: FakeClock = attrs.field(factory=lambda: FakeClock(runs=False))
    vendor: FakeVendor = attrs.field(factory=FakeVendor)
    outbox: MemoryOutbox = attrs.field(factory=MemoryOutbox)
    answered: asyncio.Event = attrs.field(factory=asyncio.Event)

    async def submitted(self, submission: Submission) -> Answer:
        """Answer when it is time."""
        submission.wire.begin()
        await self.answered.wait()
        answer = answer_for(self.answer)
        if answer.outcome is Outcome.ACCEPTED:
            return attrs.evolve(answer, provider_id="v-1")
        return answer

    async def told(self, order: list[Event]) -> Result:
        """Tell it in this order, and return how the message stands when all is over."""
        self.vendor["a"].answers(self.submitted)
        account = provider(self.vendor, webhook=webhook())
        configured = snapshot(account, policy=self.policy)
        async with notifier(configured, clock=self.clock, outbox=self.outbox) as open_:
            message = code()
            sending = asyncio.create_task(open_.send(message))
            await until(lambda: self.vendor["a"].submissions)
            for event in order:
                await self._happen(open_, message.id, *event)
                if self.answered.is_set():
                    await sending
            known = await open_.get(message.id)
        assert known is not None
        return known

    async def _happen(
        self, open_: Notifier, message: str, what: str, state: AttemptState
    ) -> None:
        told = Receipt(state=state, reference=message, provider_id="v-1")
        if what == ANSWERED:
            self.answered.set()
        elif what == PASSED:
            self.clock.advance(LONG)
            for _ in range(TURNS):
                await asyncio.sleep(0)
        elif what == PUSHED:
            reply = await open_.receive("a", pushed(self.vendor, "a", told))
            assert reply.status == 200
        else:
            record = await self.outbox.get(message)
            assert record is not None
            self.vendor["a"].receipts[record.attempt(1).reference or ""] = told
            around = open_.engine._generation.around
            await inquire(around, Found(record=record, number=1))


@settings(max_examples=40, deadline=None)
@given(
    answer=st.sampled_from([Reason.NONE, Reason.NO_RESPONSE]),
    heard=events,
    data=st.data(),
)
def test_answers_receipts_and_inquiries_in_any_order_give_the_same_status(
    answer: Reason, heard: list[Event], data: st.DataObject
) -> None:
    all_of_it = [(ANSWERED, AttemptState.ACCEPTED), *heard]
    other = data.draw(st.permutations(all_of_it))

    first = asyncio.run(Story(answer).told(all_of_it))
    second = asyncio.run(Story(answer).told(other))

    assert (second.status, second.final) == (first.status, first.final)
    assert second.attempts[0].state is first.attempts[0].state


@pytest.mark.parametrize(
    ("answer", "policy"),
    [(Reason.NONE, GIVES_UP), (Reason.NO_RESPONSE, PolicySet())],
    ids=["no receipt", "no answer"],
)
@settings(max_examples=30, deadline=None)
@given(heard=events, data=st.data())
def test_what_is_given_up_first_and_heard_then_ends_as_what_is_heard_in_time(
    answer: Reason, policy: PolicySet, heard: list[Event], data: st.DataObject
) -> None:
    answered, passed = [(event, AttemptState.ACCEPTED) for event in (ANSWERED, PASSED)]
    other = data.draw(st.permutations([answered, *heard]))
    # Before there is an answer, or none, time runs out for nothing but the answer.
    earliest = other.index(answered) + 1
    other.insert(data.draw(st.integers(earliest, len(other))), passed)

    first = asyncio.run(Story(answer, policy).told([answered, *heard, passed]))
    second = asyncio.run(Story(answer, policy).told([*other, passed]))

    assert second.status is first.status
    assert second.attempts[0].state is first.attempts[0].state


def test_what_nobody_tells_is_given_up() -> None:
    answered, passed = [(event, AttemptState.ACCEPTED) for event in (ANSWERED, PASSED)]

    taken = asyncio.run(Story(Reason.NONE, GIVES_UP).told([answered, passed]))
    lost = asyncio.run(Story(Reason.NO_RESPONSE).told([answered, passed]))

    assert (taken.status, taken.final) == (Status.RECEIPT_TIMEOUT, True)
    assert (lost.status, lost.final) == (Status.SUBMIT_UNKNOWN, True)
