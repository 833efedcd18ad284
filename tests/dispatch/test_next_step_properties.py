"""What follows an attempt, whatever the run."""

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from notify_core.dispatch.next_step import Situation, Stop, Try, next_step
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.status import AttemptState
from notify_core.policy.policy_set import PolicySet
from tests.builders import NOON
from tests.dispatch.situations import (
    ONE,
    REFUSED_PARAMS,
    SECOND,
    TWO,
    attempt,
    candidate,
    situation,
)

# In general.


@st.composite
def runs(draw: st.DrawFn) -> list[tuple[Situation, Try | Stop]]:
    """Return a whole run: each situation with the decision taken in it."""
    bindings = draw(st.lists(st.sampled_from([None, ONE, TWO]), min_size=1, max_size=4))
    windows = st.none() | st.integers(0, 40).map(lambda s: s * SECOND)
    candidates = tuple(
        candidate(name, binding, window=draw(windows))
        for name, binding in zip("abcd", bindings, strict=False)
    )
    now = situation(
        candidates=candidates,
        policy=PolicySet(max_attempts=draw(st.integers(1, 8))),
        deadline=NOON + draw(st.floats(0, 60)) * SECOND,
        pause=draw(st.floats(0, 10)) * SECOND,
    )
    steps = []
    while isinstance(step := next_step(now), Try):
        steps.append((now, step))
        now = following(draw, now, step)
    return [*steps, (now, step)]


def following(draw: st.DrawFn, before: Situation, step: Try) -> Situation:
    started = step.at or before.now
    ended = started + draw(st.floats(0, 3)) * SECOND
    reason = draw(st.sampled_from(Reason))
    waits = st.none() | st.floats(-10, 30).map(lambda s: ended + s * SECOND)
    made = attempt(
        step.candidate.provider.name,
        reason,
        number=len(before.attempts) + 1,
        started_at=started,
        repeatable=draw(st.booleans()),
        retry_at=draw(waits),
    )
    return attrs.evolve(before, attempts=(*before.attempts, made), now=ended)


def tries(run: list[tuple[Situation, Try | Stop]]) -> list[tuple[Situation, Try]]:
    return [(now, step) for now, step in run if isinstance(step, Try)]


@settings(deadline=None)
@given(runs())
def test_no_step_is_past_the_deadline_or_the_cap(
    run: list[tuple[Situation, Try | Stop]],
) -> None:
    for now, step in tries(run):
        assert now.fits(step.at or now.now)
        assert len(now.attempts) < now.policy.max_attempts


@settings(deadline=None)
@given(runs())
def test_failover_takes_no_provider_twice_while_another_was_not_asked(
    run: list[tuple[Situation, Try | Stop]],
) -> None:
    for now, step in tries(run):
        asked = {a.provider for a in now.attempts}
        goes_back = step.candidate.provider.name in asked - {
            a.provider for a in now.attempts[-1:]
        }
        was_refused = any(a.reason is REFUSED_PARAMS for a in now.attempts)
        if goes_back and not was_refused:
            assert asked == {c.provider.name for c in now.candidates}


@settings(deadline=None)
@given(runs())
def test_after_an_unknown_only_its_own_provider_is_asked_inside_its_window(
    run: list[tuple[Situation, Try | Stop]],
) -> None:
    for now, step in tries(run):
        unknown = [a for a in now.attempts if a.state is AttemptState.UNKNOWN]
        if unknown:
            window = step.candidate.provider.capabilities.idempotent_reference
            assert step.candidate.provider.name == unknown[0].provider
            assert window is not None
            assert (step.at or now.now) <= unknown[0].started_at + window


@settings(deadline=None)
@given(runs())
def test_nothing_follows_an_acceptance(
    run: list[tuple[Situation, Try | Stop]],
) -> None:
    for now, _ in tries(run):
        assert all(a.outcome is not Outcome.ACCEPTED for a in now.attempts)
