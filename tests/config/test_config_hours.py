"""Hours of a policy set that leave no time to send anything are found at load."""

from pathlib import Path
from typing import Any

import pytest

from tests.policy.configured import bench, errors

NIGHT = {"from": "22:00", "to": "08:00"}


def window(begin: str, end: str, **more: Any) -> dict[str, Any]:
    return {"windows": [{"from": begin, "to": end}], **more}


def test_a_window_that_lies_within_quiet_hours_is_refused(tmp_path: Path) -> None:
    policy = {"quiet_hours": NIGHT, "send_window": window("23:00", "07:00")}

    [error] = errors(bench(tmp_path), {"used": policy})

    assert error.startswith("policies.used.send_window leaves no time to send")


def test_it_is_told_of_the_set_that_makes_it_so(tmp_path: Path) -> None:
    policies = {
        "base": {"send_window": window("23:00", "07:00")},
        "used": {"extends": "base", "quiet_hours": NIGHT},
    }

    [error] = errors(bench(tmp_path), policies)

    assert error.startswith("policies.used.quiet_hours leaves no time to send")


@pytest.mark.parametrize(
    "open_hours",
    [
        window("07:00", "09:00"),
        window("23:00", "07:00", timezone="America/New_York"),
    ],
    ids=["an hour is left", "in another time zone"],
)
def test_hours_that_leave_some_time_are_let_alone(
    open_hours: dict[str, Any], tmp_path: Path
) -> None:
    policy = {"quiet_hours": NIGHT, "send_window": open_hours}

    assert errors(bench(tmp_path), {"used": policy}) == []
