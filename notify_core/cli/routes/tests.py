"""`notify routes test`: whether messages go where the configuration says."""

from __future__ import annotations

import time
from collections.abc import Iterator

import attrs
import click

from notify_core.cli.check import named_file
from notify_core.cli.exit_code import ExitCode
from notify_core.cli.options import config_option, examples, existing, json_option
from notify_core.cli.output import BROKEN, KEPT, bad, doubtful, good, plain, write
from notify_core.config import load
from notify_core.plugins import Plugins
from notify_core.trial.failure import Failure
from notify_core.trial.route_tests import failures


@attrs.frozen(kw_only=True)
class Tested:
    """What came of the tests of one configuration."""

    file: str
    ok: bool
    #: How many there are.
    tests: int
    #: How long they took.
    seconds: float
    failures: tuple[Failure, ...]

    def lines(self) -> Iterator[str]:
        """Yield the text for people."""
        for failure in self.failures:
            first, *rest = failure.lines()
            yield bad(f"{BROKEN} {plain(first)}")
            yield from map(plain, rest)
        yield self._summary()

    def _summary(self) -> str:
        if not self.tests:
            return doubtful(f"{self.file} has no tests.")
        count = f"{self.tests} test{'' if self.tests == 1 else 's'}"
        took = f"in {self.seconds:.2f} s"
        if self.ok:
            return good(f"{KEPT} {count} of {self.file} came true {took}.")
        return bad(
            f"{BROKEN} {len(self.failures)} of {count} of {self.file} failed {took}."
        )


@click.command(
    "test",
    short_help="Run the tests of the configuration.",
    epilog=examples(
        "notify routes test", "notify routes test /etc/notify/notify.yaml --json"
    ),
)
@click.argument("file", required=False)
@config_option
@json_option
@click.pass_context
def command(
    context: click.Context, file: str | None, config: str, *, as_json: bool
) -> ExitCode:
    """Run the `tests` of the configuration FILE; without it, that of --config.

    The messages take their real way through routes, policies and pools. Scripted
    answers stand in place of providers, and nobody waits for the clock. Each failure
    says what was expected and what came, and explains the way of the message.
    """
    file = existing(named_file(context, file) or config)
    snapshot = load(file, Plugins())
    begun = time.perf_counter()
    failed = tuple(failures(snapshot))
    tested = Tested(
        file=file,
        ok=not failed,
        tests=len(snapshot.tests),
        seconds=round(time.perf_counter() - begun, 4),
        failures=failed,
    )
    write(tested, tested.lines(), as_json=as_json)
    return ExitCode.DONE if tested.ok else ExitCode.FAILED
