"""What holds of a provider's health whatever is heard of it, and in any order."""

import asyncio
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from notify_core.model.outcome import Reason, Scope
from notify_core.routing.health.fault import FAULTS
from tests.routing.ward import Ward
from tests.strategies import few

News = tuple[str, Reason, Scope]

news = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.sampled_from([*FAULTS, Reason.NONE, Reason.THROTTLED]),
        st.sampled_from(Scope),
    ),
    max_size=40,
)


def told(ward: Ward, heard: list[News], *, pause: float = 0) -> None:
    """Let each provider answer so, in this order."""
    for name, reason, scope in heard:
        ward.answers(name, reason, scope=scope, sender="s", template_id="t")
        ward.clock.advance(pause)


@few
@given(news)
def test_the_order_of_what_is_heard_of_different_providers_does_not_matter(
    heard: list[News],
) -> None:
    mixed, sorted_ = Ward(*"abc"), Ward(*"abc")

    told(mixed, heard)
    told(sorted_, sorted(heard, key=lambda said: said[0]))

    for name in "abc":
        assert mixed.rest(name, "s", "t") == sorted_.rest(name, "s", "t")
        assert mixed.told(name) == sorted_.told(name)


@few
@given(news, st.floats(0, 100))
def test_a_rest_always_ends(heard: list[News], pause: float) -> None:
    ward = Ward(*"abc")
    told(ward, heard, pause=pause)

    ward.clock.advance(timedelta(days=1))

    for name in "abc":
        assert ward.rest(name, "s", "t") is None
        assert ward.enter(name, "s", "t") is not None
        ward.answers(name, Reason.NONE, sender="s", template_id="t")
    assert all(ward.told(name)[-1:] in ([], ["ok"]) for name in "abc")


async def test_of_two_hundred_at_once_there_are_never_two_that_try() -> None:
    ward = Ward("a")
    ward.answers("a", *[Reason.NO_RESPONSE] * 5)
    ward.clock.advance(30)
    under_way = most = 0
    bad = iter([Reason.NO_RESPONSE] * 20)

    async def send() -> None:
        nonlocal under_way, most
        while (permit := ward.enter("a", anyway=True)) is None:
            await ward.health.turn("a", None, None)
        reason = next(bad, Reason.NONE)
        under_way += 1
        most = max(most, under_way if reason is not Reason.NONE else 0)
        await asyncio.sleep(0)
        under_way -= 1
        ward.answers("a", reason)
        permit.leave()

    async with asyncio.timeout(60):
        await asyncio.gather(*(send() for _ in range(200)))

    assert most == 1
    assert ward.rest("a") is None


async def test_who_waits_is_let_in_when_the_one_that_tries_is_cancelled() -> None:
    ward = Ward("a")
    ward.answers("a", *[Reason.NO_RESPONSE] * 5)
    first = ward.enter("a", anyway=True)
    waiting = asyncio.create_task(ward.health.turn("a", None, None))
    await asyncio.sleep(0)
    before = waiting.done()

    assert first is not None
    first.leave()
    async with asyncio.timeout(60):
        await waiting

    assert not before
    assert ward.enter("a", anyway=True) is not None
