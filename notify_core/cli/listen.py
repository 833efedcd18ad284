"""Where a command listens."""

from __future__ import annotations

import asyncio
import os
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


async def require_free(address: Address, option: str) -> None:
    """Tell that an address cannot be listened on, before anything else is begun.

    Args:
        address: Where a server is to listen.
        option: Where another one is named.

    Raises:
        click.ClickException: It is taken, or none of this machine.
    """
    loop, (host, port) = asyncio.get_running_loop(), (address.host, address.port)
    try:
        server = await loop.create_server(
            asyncio.Protocol, host, port, start_serving=False
        )
    except OSError as error:
        raise cannot_listen(error, str(address), option) from error
    server.close()


def cannot_listen(error: OSError, where: str, option: str) -> click.ClickException:
    """Return the error of an address that cannot be listened on."""
    number = error.errno or 0
    # The number's own words: asyncio's have the address in them once more.
    why = os.strerror(number) if number > 0 else error.strerror or str(error)
    remedy = f"choose another {option}"
    return click.ClickException(f"cannot listen on {where}: {why}; {remedy}")
