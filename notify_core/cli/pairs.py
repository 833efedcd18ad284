"""Names with values, `--param code=1234` or an object in JSON: each name once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from notify_core.wire.misfit import shown


class Pair(click.ParamType["tuple[str, str]"]):
    """Reads `name=value`.

    Args:
        written: What the two are, in the help and in a refusal.
    """

    def __init__(self, written: str = "name=value") -> None:
        self.name = written

    def convert(
        self,
        value: str,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[str, str]:
        """Return (name, value); only the first = divides."""
        name, divider, given = value.partition("=")
        if not (name and divider):
            # Not shown: the value may be a code, or the person's own.
            self.fail(f"write it as {self.name}", param, ctx)
        return name, given


class Twin(ValueError):
    """A name stands twice in one object of JSON."""


def only_once(pairs: Iterable[tuple[str, str]], option: str) -> dict[str, str]:
    """Return the pairs of a repeated option.

    Raises:
        UsageError: A name is given twice.
    """
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise click.UsageError(f"{option} {shown(name)} is given twice")
        found[name] = value
    return found


def no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON, as `object_pairs_hook`.

    Raises:
        Twin: A name stands twice in it.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Twin(f"has the name {shown(twice)!r} twice in one object")
    return found
