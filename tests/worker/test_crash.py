"""Workers are killed at every step, as by the system: nothing is lost or sent twice."""

import pytest

from bench.crash.failpoint import Step
from bench.crash.rounds import EVERY_STEP, run

pytestmark = pytest.mark.usefixtures("uncounted")


@pytest.mark.timeout(180)
async def test_what_killed_workers_leave_is_neither_lost_nor_sent_twice() -> None:
    ends = await run(rounds=3, messages=3000, where=EVERY_STEP)

    print(ends)  # noqa: T201 (what was counted)
    assert ends.messages == 3000
    assert ends.killed == dict.fromkeys(Step, 1)
    assert (ends.lost, ends.twice, ends.invented) == (0, 0, 0)
    assert not ends.unknown_and_there
    assert ends.statuses["accepted"] > 2000
