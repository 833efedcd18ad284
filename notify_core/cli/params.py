"""The parameters of a template, as texts or as one JSON object."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from notify_core.cli.pairs import Pair, Twin, no_twins, only_once

F = TypeVar("F", bound=Callable[..., Any])


def params_options(command: F) -> F:
    """Give a command `--param` and `--params`."""
    for option in (
        click.option("--params", metavar="JSON", help='All parameters, {"days": 3}.'),
        click.option(
            "--param",
            multiple=True,
            type=Pair(),
            help="A parameter of the template, as a text; repeat it. "
            "Other types: --params.",
        ),
    ):
        command = option(command)
    return command


def params_of(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the parameters that these options say, which may be left out.

    Raises:
        UsageError: They say none, or both do.
    """
    texts = only_once(options.get("param", ()), "--param")
    if (written := options.get("params")) is None:
        return texts
    try:
        given = json.loads(written, object_pairs_hook=no_twins)
    except (Twin, ValueError, RecursionError) as error:
        # A fault of the syntax quotes nothing; a value may be a code.
        raise click.UsageError(f"--params is no JSON: {error}") from None
    if not isinstance(given, dict) or texts:
        raise click.UsageError(
            "--params is one JSON object, and stands without --param"
        )
    return given
