"""The memory outbox: it finds what it keeps, and keeps no more than it should."""

from collections.abc import Callable, Sized
from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notify_core.errors import IdempotencyConflict, InvalidMessage
from notify_core.model.attempt import Attempt
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.receipt import Receipt
from notify_core.model.recipient import Phone
from notify_core.model.status import AttemptState, Status
from notify_core.outbox.inbound import InboundFilter
from notify_core.outbox.memory import MemoryOutbox, inbox, parking
from notify_core.outbox.port import ADDED, Hold, Parked
from notify_core.outbox.record import Record, is_open
from notify_core.policy.policy_set import PolicySet
from notify_core.policy.take import Sliding, Take
from notify_core.testing import FakeClock, FakeVendor
from notify_core.testing.outbox.replying import reply
from notify_core.trial.scripted import answer_for
from tests.builders import NOON, NUMBER, accounts, code, notifier, record

OTHER = Phone("+8613900139000", "86", "CN")


def attempt(number: int = 1, **fields: Any) -> Attempt:
    usual: dict[str, Any] = {
        "provider": "a",
        "account": "a",
        "state": AttemptState.ACCEPTED,
        "outcome": Outcome.ACCEPTED,
        "started_at": NOON,
    }
    return Attempt(number=number, **{**usual, **fields})


def unknown(number: int = 1, **fields: Any) -> Attempt:
    lost = {"state": AttemptState.UNKNOWN, "outcome": Outcome.UNKNOWN}
    return attempt(number, **{**lost, **fields})


def ended(*attempts: Attempt, **fields: Any) -> Record:
    """Return the record of a message that is not being sent any more."""
    return record(attempts=attempts, planned=None, **fields)


def ending(attempts: tuple[Attempt, ...]) -> Callable[[Record], Record]:
    """Return the change to these attempts and none ahead."""
    return lambda r: r.moved(attempts, None)


async def kept(outbox: MemoryOutbox, *records: Record) -> None:
    for given_ in records:
        assert await outbox.add(given_) == ADDED


def parked(account: str = "a", **names: Any) -> Parked:
    receipt = Receipt(state=AttemptState.DELIVERED, **names)
    return Parked(provider=account, account=account, receipt=receipt, received_at=NOON)


async def taken(outbox: MemoryOutbox, account: str = "a", **names: str) -> list[Parked]:
    asked = {"provider_id": None, "reference": None, "address": None}
    return await outbox.take_parked(account, **{**asked, **names})


def sizes(outbox: MemoryOutbox) -> dict[str, int]:
    """Return how much each collection inside holds."""
    parts = [outbox, vars(outbox)["_parked"], vars(outbox)["_keys"]]
    return {
        f"{type(part).__name__}.{name}": len(value)
        for part in parts
        for name, value in vars(part).items()
        if isinstance(value, Sized)
    }


# Finding.


async def test_a_record_is_found_by_its_messages_id() -> None:
    outbox, given_ = MemoryOutbox(), record()

    await kept(outbox, given_)

    assert await outbox.get(given_.message.id) is given_
    assert await outbox.get("nothing") is None


async def test_a_change_gives_both_sides_and_stays() -> None:
    outbox, given_ = MemoryOutbox(), record()
    await kept(outbox, given_)

    change = await outbox.change(
        given_.message.id, lambda r: attrs.evolve(r, planned=Status.SUBMITTING)
    )

    assert (change.before, change.after.planned) == (given_, Status.SUBMITTING)
    assert await outbox.get(given_.message.id) is change.after


async def test_what_is_not_there_cannot_be_changed() -> None:
    with pytest.raises(KeyError):
        await MemoryOutbox().change("nothing", lambda r: r)


async def test_attempts_are_found_by_what_the_vendor_and_we_call_them() -> None:
    outbox = MemoryOutbox()
    first = ended(
        attempt(1, account="a", provider_id="v1", reference="r"),
        attempt(2, account="b", provider_id="v1", reference="r"),
    )
    await kept(outbox, first)

    by_id = await outbox.by_provider_id("b", "v1")
    by_reference = await outbox.by_reference("a", "r")

    assert by_id is not None
    assert by_reference is not None
    assert (by_id.record, by_id.number) == (first, 2)
    assert (by_reference.record, by_reference.number) == (first, 1)
    assert await outbox.by_provider_id("c", "v1") is None
    assert await outbox.by_reference("a", "s") is None


async def test_an_attempt_is_found_before_it_is_answered() -> None:
    outbox = MemoryOutbox()
    submitting = attempt(state=AttemptState.SUBMITTING, outcome=None, reference="r")

    await kept(outbox, record(attempts=(submitting,), planned=Status.SUBMITTING))

    assert await outbox.by_reference("a", "r") is not None


async def test_of_repeated_attempts_the_last_is_found_by_reference() -> None:
    outbox = MemoryOutbox()

    await kept(outbox, ended(unknown(1, reference="r"), attempt(2, reference="r")))

    found = await outbox.by_reference("a", "r")
    assert found is not None
    assert found.number == 2


async def test_lost_answers_are_found_by_number_until_something_is_heard() -> None:
    outbox = MemoryOutbox()
    first, second = ended(unknown()), ended(unknown())
    await kept(outbox, first, second, ended(unknown(), recipient=OTHER))

    both = await outbox.open_unknown("a", NUMBER)
    await outbox.change(
        first.message.id,
        lambda r: r.with_attempt(attrs.evolve(unknown(), state=AttemptState.SENT)),
    )
    one = await outbox.open_unknown("a", NUMBER)

    assert {f.record.message.id for f in both} == {first.message.id, second.message.id}
    assert [f.record for f in one] == [second]
    assert await outbox.open_unknown("b", NUMBER) == []


async def test_an_attempt_that_was_withdrawn_is_found_no_more() -> None:
    outbox = MemoryOutbox()
    begun = attempt(2, state=AttemptState.SUBMITTING, outcome=None, reference="r")
    given_ = record(
        attempts=(unknown(1, reference="r"), begun), planned=Status.SUBMITTING
    )
    await kept(outbox, given_)

    await outbox.change(
        given_.message.id, lambda r: attrs.evolve(r, attempts=r.attempts[:1])
    )

    found = await outbox.by_reference("a", "r")
    assert found is not None
    assert found.record.attempt(found.number) == unknown(1, reference="r")


async def test_what_is_unsettled_or_under_way_is_told() -> None:
    outbox = MemoryOutbox()
    lost, running = ended(unknown()), record(planned=Status.SUBMITTING)
    given_up, accepted = ended(unknown(), final=True), ended(attempt())

    await kept(outbox, lost, running, given_up, accepted)

    assert await outbox.unsettled() == [lost.message.id, running.message.id]


# The same message twice.


async def test_a_key_gives_the_record_that_has_it() -> None:
    outbox = MemoryOutbox()
    first = record(code(idempotency_key="k"))
    await kept(outbox, first)

    assert (await outbox.add(record(code(idempotency_key="k")))).known is first


async def test_a_key_used_for_other_content_says_by_whom() -> None:
    outbox = MemoryOutbox()
    first = record(code(idempotency_key="k"))
    await kept(outbox, first)

    with pytest.raises(IdempotencyConflict, match=first.message.id):
        await outbox.add(record(code(idempotency_key="k", params={"code": "9999"})))


async def test_an_id_is_used_once() -> None:
    outbox, message = MemoryOutbox(), code()
    await kept(outbox, record(message))

    with pytest.raises(InvalidMessage, match="make a new Message"):
        await outbox.add(record(attrs.evolve(message, params={"code": "9999"})))


async def test_a_key_that_was_forgotten_is_free() -> None:
    outbox = MemoryOutbox(keep=1)
    first = code(idempotency_key="k")

    await kept(outbox, ended(message=first), ended(), record(code(idempotency_key="k")))

    assert await outbox.get(first.id) is None


# Forgetting.


async def test_the_oldest_is_forgotten_first() -> None:
    outbox = MemoryOutbox(keep=2)
    records = [ended(attempt(reference=f"r{n}", provider_id=f"v{n}")) for n in range(3)]

    await kept(outbox, *records)

    known = [await outbox.get(r.message.id) for r in records]
    assert known == [None, records[1], records[2]]
    assert await outbox.by_reference("a", "r0") is None
    assert await outbox.by_provider_id("a", "v0") is None
    assert await outbox.by_reference("a", "r1") is not None


@pytest.mark.parametrize(
    "running",
    [
        record(),
        record(planned=Status.SUBMITTING),
        record(
            planned=Status.SUBMITTING,
            attempts=(attempt(state=AttemptState.REJECTED, outcome=Outcome.REJECTED),),
        ),
    ],
    ids=["created", "submitting", "between tries"],
)
async def test_what_is_being_sent_is_not_forgotten(running: Record) -> None:
    outbox = MemoryOutbox(keep=1)
    done = ended()

    await kept(outbox, running, done, record())

    assert await outbox.get(running.message.id) is running
    assert await outbox.get(done.message.id) is None


async def test_forgetting_one_message_leaves_what_another_is_found_by() -> None:
    outbox = MemoryOutbox(keep=2)
    first, second = (
        ended(unknown(provider_id="same", reference=f"r{n}")) for n in range(2)
    )

    await kept(outbox, first, second, ended())

    found = await outbox.by_provider_id("a", "same")
    assert found is not None
    assert found.record is second
    assert [f.record for f in await outbox.open_unknown("a", NUMBER)] == [second]


async def test_a_message_in_a_long_pause_outlives_many_others() -> None:
    vendor, outbox, clock = FakeVendor(), MemoryOutbox(keep=3), FakeClock()

    async def answers_slowly(submission: object) -> Any:
        for _ in range(10):
            await open_.send(code())
        return answer_for(answers.pop())

    answers = [Reason.NONE, Reason.CONNECT_FAILED]
    vendor["a"].answers(answers_slowly)
    vendor["b"].answers(answers_slowly)
    policy = PolicySet(deadline=timedelta(minutes=5))

    async with notifier(
        accounts(vendor, "a", "b", policy=policy), outbox=outbox, clock=clock
    ) as open_:
        result = await open_.send(code())

    assert result.ok
    assert len(result.attempts) == 2


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["accepted", "unknown", "withdrawn", "parked"]),
            st.integers(0, 5),
        ),
        max_size=60,
    )
)
async def test_it_never_holds_more_than_it_should(steps: list[tuple[str, int]]) -> None:
    outbox, keep = MemoryOutbox(keep=5), 5

    for kind, n in steps:
        name: dict[str, Any] = {"reference": f"r{n}", "provider_id": f"v{n}"}
        if kind == "parked":
            await outbox.park(parked(recipient=NUMBER, **name))
            await taken(outbox, address=NUMBER)
            continue
        begun = attempt(state=AttemptState.SUBMITTING, outcome=None, **name)
        given_ = record(attempts=(begun,), planned=Status.SUBMITTING)
        await outbox.add(given_)
        after = {
            "accepted": (attempt(**name),),
            "unknown": (unknown(**name),),
            "withdrawn": (),
        }[kind]
        await outbox.change(given_.message.id, ending(after))

    held = sizes(outbox)
    assert held.pop("MemoryOutbox._records") <= keep
    assert max(held.values()) <= keep
    records = list(vars(outbox)["_records"].values())
    lost = [r for r in records if any(is_open(a) for a in r.attempts)]
    assert len(await outbox.open_unknown("a", NUMBER)) == len(lost)


async def test_after_everything_was_forgotten_nothing_is_left() -> None:
    outbox = MemoryOutbox(keep=1)
    for n in range(50):
        name: dict[str, Any] = {"reference": f"r{n}", "provider_id": f"v{n}"}
        message = code(idempotency_key=f"k{n}")
        await kept(outbox, ended(unknown(**name), message=message))

    await kept(outbox, ended())

    held = sizes(outbox)
    assert held.pop("MemoryOutbox._records") == 1
    assert held.pop("MemoryOutbox._places") == 1
    assert set(held.values()) == {0}


# Parked receipts.


@pytest.mark.parametrize(
    "name",
    [{"provider_id": "v"}, {"reference": "r"}, {"address": NUMBER}],
    ids=lambda name: next(iter(name)),
)
async def test_a_parked_receipt_is_taken_by_any_of_its_names_and_once(
    name: dict[str, str],
) -> None:
    outbox = MemoryOutbox()
    waiting = parked(provider_id="v", reference="r", recipient=NUMBER)
    await outbox.park(waiting)

    assert await taken(outbox, provider_id="x", reference="y") == []
    assert await taken(outbox, "b", **name) == []
    assert await taken(outbox, **name) == [waiting]
    assert await taken(outbox, **name) == []
    assert sizes(outbox)["Parking._places"] == 0


async def test_parked_receipts_are_taken_in_the_order_they_came() -> None:
    outbox = MemoryOutbox()
    waiting = [parked(provider_id="v"), parked(reference="v"), parked(recipient="v")]
    for one in waiting:
        await outbox.park(one)

    assert await taken(outbox, provider_id="v") == waiting


async def test_a_receipt_whose_names_are_alike_is_taken_once() -> None:
    outbox = MemoryOutbox()
    same = parked(provider_id="v", reference="v", recipient="v")
    await outbox.park(same)

    assert await taken(outbox, provider_id="v", reference="v", address="v") == [same]
    assert sizes(outbox)["Parking._places"] == 0


async def test_of_too_many_receipts_the_oldest_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parking, "KEPT_RECEIPTS", 2)
    outbox = MemoryOutbox()
    for n in range(3):
        await outbox.park(parked(provider_id=f"v{n}"))

    assert await taken(outbox, provider_id="v0") == []
    assert len(await taken(outbox, provider_id="v1")) == 1
    assert sizes(outbox)["Parking._waiting"] == 1


async def test_of_too_many_replies_the_oldest_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inbox, "KEPT_INBOUND", 2)
    outbox = MemoryOutbox()
    for text in "abc":
        await outbox.keep_inbound(reply(text))

    page = await outbox.inbound(InboundFilter())

    assert [kept.inbound.text for kept in page.inbound] == ["c", "b"]


# Counters.


async def test_what_no_window_counts_any_more_is_forgotten() -> None:
    outbox, minute = MemoryOutbox(), timedelta(minutes=1)
    for n in range(100):
        given_ = record(accepted_at=NOON + n * minute)
        short = Take(f"c{n}", Sliding(minute), 1)
        longer = Take("all", Sliding(10 * minute), 1000)
        await outbox.add(given_, (short, longer))

    held = {
        name: len(value)
        for name, value in vars(vars(outbox)["_takings"]).items()
        if isinstance(value, Sized)
    }

    assert max(held.values()) <= 15
    full = Take("all", Sliding(10 * minute), most=10)
    assert full in await outbox.refused((full,), NOON + 99 * minute)


async def test_a_message_gives_back_what_still_counts_and_leaves_no_trace() -> None:
    outbox, minute = MemoryOutbox(), timedelta(minutes=1)
    given_ = record()
    day = Take("day", Sliding(timedelta(days=1)), 1)
    await outbox.add(given_, (Take("minute", Sliding(minute), 1), day))
    await outbox.add(record(accepted_at=NOON + 5 * minute), (Take("x", day.window, 1),))

    await outbox.change(given_.message.id, lambda r: r.moved((), Status.CANCELED))

    assert await outbox.refused((day,), NOON + 5 * minute) == {}
    assert vars(vars(outbox)["_takings"])["_entries"].keys() == {"x"}


async def test_holds_that_ended_are_forgotten() -> None:
    outbox, minute = MemoryOutbox(), timedelta(minutes=1)
    for n in range(10):
        at = NOON + n * minute
        await outbox.hold(Hold(counter=f"c{n}", at=at, until=at + minute))

    assert len(vars(vars(outbox)["_takings"])["_holds"]) == 1
