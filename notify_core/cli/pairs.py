"""Options that give a name and a value, `--param code=1234`."""

from __future__ import annotations

import click


class Pair(click.ParamType["tuple[str, str]"]):
    """Reads `name=value`."""

    name = "name=value"

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
            self.fail("write it as name=value", param, ctx)
        return name, given
