"""Where a command listens."""

from __future__ import annotations

from typing import Any

import click

from notify_core.config.server import Address


class ListenType(click.ParamType[Address]):
    """Host and port."""

    name = "HOST:PORT"

    def convert(self, value: Any, *_: Any) -> Address:
        """Return what a text says."""
        if isinstance(value, Address):
            return value
        try:
            return Address.parse(value)
        except ValueError as error:
            raise click.BadParameter(str(error)) from None


def cannot_listen(error: OSError, option: str) -> click.ClickException:
    """Return the error of an address that cannot be listened on.

    Args:
        error: Names the address as its file.
        option: Where another one is named.
    """
    why = f"cannot listen on {error.filename}: {error.strerror}"
    return click.ClickException(f"{why}; choose another {option}")
