"""How often Python looks for garbage."""

import gc

from notify_core.cli.garbage import collected_seldom


def test_garbage_is_collected_seldom_for_a_while() -> None:
    usual = gc.get_threshold()

    with collected_seldom():
        seldom = gc.get_threshold()

    assert seldom > usual
    assert gc.get_threshold() == usual
    assert gc.get_freeze_count() == 0
