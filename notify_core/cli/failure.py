"""What is told when a command cannot do its work: no traceback, and a remedy."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import click

from notify_core.cli.exit_code import ExitCode
from notify_core.cli.output import OutputFailed, plain, write_error
from notify_core.errors import (
    ConfigurationError,
    IdempotencyConflict,
    InvalidMessage,
    NotifyError,
    Problem,
)

#: When set, a failure comes with its trace, and the log goes to the terminal.
DEBUG_VARIABLE = "NOTIFY_DEBUG"


@attrs.frozen(kw_only=True)
class Failure:
    """Why a command did not do its work."""

    #: How the command ends.
    code: ExitCode
    #: What happened, and what to do.
    message: str
    #: Every fault, with its place.
    problems: tuple[Problem, ...] = ()

    def lines(self) -> Iterator[str]:
        """Yield the text for people."""
        message = self.message.expandtabs(2)  # click lists choices with tabs
        for number, line in enumerate(message.split("\n")):
            yield plain(line) if number else f"notify: {plain(line)}"
        for problem in self.problems:
            yield f"  {plain(str(problem))}"

    def document(self) -> dict[str, Any]:
        """Return the same for programs."""
        return {
            "error": {
                "kind": self.code.name.lower(),
                "message": self.message,
                "problems": self.problems,
                "exit_code": int(self.code),
            }
        }


def report(error: Exception, *, as_json: bool) -> ExitCode:
    """Tell on standard error what failed, and return how the command ends."""
    failure = failure_of(error)
    write_error(failure.document(), failure.lines(), as_json=as_json)
    if os.environ.get(DEBUG_VARIABLE) and not isinstance(error, click.Abort):
        click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
    return failure.code


def failure_of(error: Exception) -> Failure:
    """Return what is told about an error."""
    for kind, code, tell in _KINDS:
        if isinstance(error, kind):
            problems = getattr(error, "problems", ())
            return Failure(code=code, message=tell(error), problems=problems)
    return Failure(code=ExitCode.BUG, message=_defect(error))


def _usage(error: click.UsageError) -> str:
    if error.ctx is None:
        return error.format_message()
    return f"{error.format_message()}\nTry '{error.ctx.command_path} --help'."


def _defect(error: Exception) -> str:
    # Only the class: an unforeseen text may hold a number or a key.
    return (
        f"unexpected {type(error).__name__}: this is a defect in notify-core or in a "
        f"plugin. Run it again with {DEBUG_VARIABLE}=1 for the trace, and report that; "
        "the trace may show the message."
    )


#: From the special to the general: class, how the command ends, and what is said.
_KINDS: tuple[tuple[type[Exception], ExitCode, Callable[[Any], str]], ...] = (
    (OutputFailed, ExitCode.OUTPUT_FAILED, str),
    (click.Abort, ExitCode.INTERRUPTED, lambda _: "interrupted"),
    (click.UsageError, ExitCode.USAGE, _usage),
    (click.ClickException, ExitCode.FAILED, lambda error: error.format_message()),
    (ConfigurationError, ExitCode.CONFIGURATION, lambda error: str(error.args[0])),
    (
        InvalidMessage,
        ExitCode.INVALID_MESSAGE,
        lambda _: "the message cannot be sent as it is; nothing was sent:",
    ),
    (IdempotencyConflict, ExitCode.INVALID_MESSAGE, str),
    (NotifyError, ExitCode.FAILED, str),
)
