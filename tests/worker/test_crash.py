"""Workers are killed at every step, as by the system: nothing is lost or sent twice."""

from bench.crash.rounds import run


async def test_what_killed_workers_leave_is_neither_lost_nor_sent_twice() -> None:
    ends = await run(rounds=3, messages=600)

    assert ends.messages == 600
    assert (ends.lost, ends.twice, ends.invented) == (0, 0, 0)
    assert not ends.unknown_and_there
    assert sum(ends.killed.values()) == 3
    assert ends.statuses["accepted"] > 300
