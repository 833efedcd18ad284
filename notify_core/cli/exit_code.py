"""What `notify` tells a script when it ends: a public API."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ended."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    CONFIGURATION = 3
    INVALID_MESSAGE = 4
    OUTCOME_UNKNOWN = 5
    NOT_DELIVERED_YET = 6
    BUG = 70
    OUTPUT_FAILED = 74
    INTERRUPTED = 130
    BROKEN_PIPE = 141

    @property
    def meaning(self) -> str:
        """One line for `--help` and the manual."""
        return _MEANINGS[self]


_MEANINGS = {
    ExitCode.DONE: "done; a message was taken by a provider",
    ExitCode.FAILED: "not sent, or what was asked for failed",
    ExitCode.USAGE: "the command line is wrong",
    ExitCode.CONFIGURATION: "the configuration or a plugin cannot be used",
    ExitCode.INVALID_MESSAGE: "the message cannot be sent as it is",
    ExitCode.OUTCOME_UNKNOWN: "the message may have been sent",
    ExitCode.NOT_DELIVERED_YET: "taken, but not delivered within --timeout",
    ExitCode.BUG: "a defect in notify-core or in a plugin",
    ExitCode.OUTPUT_FAILED: "the output could not be written",
    ExitCode.INTERRUPTED: "interrupted with Ctrl-C",
    ExitCode.BROKEN_PIPE: "the reader of the output went away",
}
