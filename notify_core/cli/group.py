"""The group of commands: each is imported when it is called, and none shows a trace."""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from traceback import walk_tb
from typing import Any, cast

import click
from click.exceptions import Exit, NoArgsIsHelpError

from notify_core.cli.exit_code import ExitCode
from notify_core.cli.failure import DEBUG_VARIABLE, report
from notify_core.cli.output import drop_output, output_failed
from notify_core.names import nearest

#: Commands whose names no module can be imported by.
_MODULES = {"import": "imports"}
#: Each command is the `command` of the module of its name, with _ for -.
COMMANDS = {
    "send": "Send one message and show what became of it.",
    "enqueue": "Record one message for a worker.",
    "import": "Record many messages from a file for a worker.",
    "worker": "Send what is enqueued, until a signal ends it.",
    "list": "List messages of the outbox, newest first.",
    "inbound": "List what people replied, newest first.",
    "status": "Show a message, or how the outbox stands.",
    "cancel": "Withdraw messages that were not sent yet.",
    "dead-letters": "List what could not be sent, with the reason.",
    "replay": "Send dead letters again, by the same policies.",
    "pause": "Leave a provider alone, in every process.",
    "resume": "Use a provider again.",
    "forget": "Erase one person from the outbox.",
    "migrate": "Bring the tables of the outbox up to date.",
    "balance": "Ask providers what is left on their accounts.",
    "providers": "List what is installed, configured and capable of what.",
    "check": "Check a configuration; show every error and warning.",
    "template": "List, render and check templates.",
    "routes": "Show, explain and test the routes.",
    "schema": "Print the JSON Schema of the configuration, for editors.",
    "metrics": "Print the Prometheus metrics, with fresh balances.",
    "serve": "Run the HTTP service.",
    "key": "Make, list and revoke API keys of the HTTP service.",
    "emulator": "Run the emulator of a vendor.",
    "demo": "Play a vendor's whole exchange on this machine.",
}

#: With one of these a command tells of itself, and no plugin is loaded.
_NO_PLUGINS = {"-h", "--help", "--version"}


class NotifyGroup(click.Group):
    """The commands, and how every failure of theirs is told."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command line, and end the process with an `ExitCode`."""
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, False, **extra)
        given = list(sys.argv[1:] if args is None else args)
        _prepare_streams()
        _prepare_log()
        if os.environ.get("NO_COLOR"):
            extra["color"] = False
        try:
            if given and _NO_PLUGINS.isdisjoint(given):
                _check_selection()
            code = super().main(given, prog_name, complete_var, False, **extra)
        except Exception as error:  # noqa: BLE001 (the last door: told in words, with a code)
            code = report(error, as_json="--json" in given)
        sys.exit(int(code or ExitCode.DONE))

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the arguments; `--help` prints here."""
        with _output_taken(), _help_for_nothing():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was named."""
        with _output_taken(), _help_for_nothing():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which they are learnt."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in COMMANDS:
            hint = nearest(cmd_name, COMMANDS)
            raise click.UsageError(f"no command {cmd_name!r}; {hint}", ctx)
        name = _MODULES.get(cmd_name, cmd_name.replace("-", "_"))
        module = import_module(f"notify_core.cli.{name}")
        return cast("click.Command", module.command)

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """List the commands without importing any, then the exit codes."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(int(code)), code.meaning) for code in ExitCode])


def _check_selection() -> None:
    # Imported here: `--help` has to be quick.
    from notify_core.cli.selection import check_selection  # noqa: PLC0415

    check_selection()


def _prepare_streams() -> None:
    """Let a terminal that lacks a character show another one, not a trace.

    A closed standard output becomes one that takes nothing: no file that is opened
    later gets its number, and writing fails as on a full disk.
    """
    if sys.stdout is None:
        nothing = os.open(os.devnull, os.O_RDONLY)
        sys.stdout = os.fdopen(nothing, "w", encoding="utf-8", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _prepare_log() -> None:
    """Keep the log to the debugging: what it says of a command, the command says."""
    log = logging.getLogger("notify_core")
    if os.environ.get(DEBUG_VARIABLE):
        logging.basicConfig(format="%(levelname)s %(name)s %(message)s")
        log.setLevel(logging.DEBUG)
    elif not log.handlers:
        log.addHandler(logging.NullHandler())


@contextmanager
def _output_taken() -> Iterator[None]:
    """Tell when the output is not taken; end quietly when its reader left, as `head`.

    Raises:
        OutputFailed: It is not taken, as by a full disk.
    """
    try:
        yield
        _flush()
    except BrokenPipeError:
        drop_output()
        raise Exit(ExitCode.BROKEN_PIPE) from None
    except OSError as error:
        *_, (frame, _) = walk_tb(error.__traceback__)
        if frame.f_code is click.echo.__code__:  # as click shows a help
            raise output_failed(error) from error
        raise


@contextmanager
def _help_for_nothing() -> Iterator[None]:
    """Show the help of a group that is called alone, as `--help` does."""
    try:
        yield
    except NoArgsIsHelpError as error:
        click.echo(error.format_message())
        raise Exit(ExitCode.DONE) from None


def _flush() -> None:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise output_failed(error) from error


@click.group(
    cls=NotifyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with: notify demo",
)
@click.version_option(package_name="notify-core", message="notify-core %(version)s")
def main() -> None:
    """Send messages through any provider, and see what became of them.

    Every command takes --json for one JSON document on standard output, with errors
    as JSON on standard error, and --help for examples.

    NOTIFY_CONFIG names the configuration file. NOTIFY_PLUGINS is a comma list of the
    plugins to load. NOTIFY_DEBUG=1 shows the log and the trace of a failure.
    NO_COLOR=1 switches colours off.
    """
