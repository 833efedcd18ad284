"""Makes a command of a benchmark."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any

import click
import msgspec

from bench.requirement import Requirement

Figures = dict[str, Any]


def benchmark(
    lines: Callable[[Figures], Iterable[str]],
    required: Sequence[Requirement] = (),
    *,
    is_strict: bool = False,
) -> Callable[[Callable[..., Figures]], Callable[..., None]]:
    """Show the figures that a function returns, as `--json` has it or for people.

    Args:
        lines: Says the figures for people.
        required: What they have to reach.
        is_strict: Exit with 1 where they do not: no noise of the machine excuses it.
    """

    def made(measure: Callable[..., Figures]) -> Callable[..., None]:
        @wraps(measure)
        def command(*, as_json: bool, **options: Any) -> None:
            figures = measure(**options)
            if as_json:
                click.echo(msgspec.json.encode(figures))
            else:
                told = (requirement.told(figures) for requirement in required)
                click.echo("\n".join((*lines(figures), *told)))
            if is_strict and not all(one.is_met(figures) for one in required):
                raise SystemExit(1)

        json = click.option(
            "--json", "as_json", is_flag=True, help="One JSON document."
        )
        return json(command)

    return made
