"""What is said of a message that cannot be recorded because of an earlier one."""

from __future__ import annotations

from notify_core.errors import IdempotencyConflict, Problem

USED_ID = Problem(
    pointer="/id",
    message="is that of a message sent before: make a new Message for another one",
)


def conflict_with(message: str) -> IdempotencyConflict:
    """Return the error of a key that another message has, by that message's id."""
    return IdempotencyConflict(
        f"idempotency key of message {message} used again for other "
        "content: give each message a key of its own"
    )
