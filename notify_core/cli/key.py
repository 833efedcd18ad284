"""`notify key`: who may use the HTTP service."""

from __future__ import annotations

from pathlib import Path

import attrs
import click

from notify_core.cli.options import config_option, examples, existing, json_option
from notify_core.cli.output import doubtful, faint, table, write
from notify_core.clock import SystemClock
from notify_core.config.read import read
from notify_core.config.server import keys_file
from notify_core.errors import ConfigurationError
from notify_core.server.keys import ApiKey, KeyFile, Scope

_HASH = attrs.filters.exclude("hash")


@click.group(
    "key",
    epilog=examples(
        "notify key create shop --scope send --scope read",
        "notify key list --json",
        "notify key revoke 0a1b2c3d4e5f",
    ),
)
def command() -> None:
    """Make, list and revoke API keys of the HTTP service.

    They are in the file that `server.keys_file` of the configuration names, as hashes.
    A running service takes a change over within a second.
    """


@command.command(
    "create",
    short_help="Make a key and show it, once.",
    epilog=examples(
        "notify key create shop --scope send --scope read",
        "notify key create prometheus --scope metrics --json",
    ),
)
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="What it opens; repeat it.",
)
@config_option
@json_option
def create(name: str, scopes: tuple[str, ...], config: str, *, as_json: bool) -> None:
    """Make a key for NAME and show it: it is stored nowhere.

    Standard output has the key alone: KEY=$(notify key create …) takes it.

    Several keys of one name are one caller, so that a new one can take the place of
    an old one: create, change over, revoke.
    """
    file = _file(config)
    try:
        key, shown = ApiKey.new(name, map(Scope, scopes), SystemClock().now())
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="NAME") from None
    file.write([*file.read(), key])
    document = {"key": shown.reveal(), **_public(key)}
    write(document, [shown.reveal()], as_json=as_json)
    if not as_json:  # aside, so that a script has the key alone
        click.echo(faint(f"  id {key.id}; the key is not shown again"), err=True)


@command.command(
    "list",
    short_help="List the keys.",
    epilog=examples("notify key list", "notify key list --json"),
)
@config_option
@json_option
def show(config: str, *, as_json: bool) -> None:
    """List the keys, oldest first; what they are is stored nowhere."""
    keys = _file(config).read()
    document = {"keys": [_public(key) for key in keys]}
    lines = table(_row(key) for key in keys) if keys else [doubtful("There are none.")]
    write(document, lines, as_json=as_json)


@command.command(
    "revoke",
    short_help="Let a key open nothing any more.",
    epilog=examples("notify key revoke 0a1b2c3d4e5f"),
)
@click.argument("identifier", metavar="ID")
@config_option
@json_option
def revoke(identifier: str, config: str, *, as_json: bool) -> None:
    """Let the key with this ID open nothing any more; `notify key list` shows ids."""
    file = _file(config)
    keys = file.read()
    left = [key for key in keys if key.id != identifier]
    if len(left) == len(keys):
        raise click.BadParameter(f"no key {identifier!r}", param_hint="ID")
    file.write(left)
    write({"revoked": identifier}, [f"Revoked {identifier}"], as_json=as_json)


def _file(config: str) -> KeyFile:
    """Return the file of keys of a configuration, whose secrets are not needed."""
    path: Path | None = keys_file(read(existing(config)).root)
    if path is None:
        example = "server: {keys_file: keys.json}"
        raise ConfigurationError(f"{config} names no server.keys_file: add {example}")
    return KeyFile(path)


def _public(key: ApiKey) -> dict[str, object]:
    return attrs.asdict(key, filter=_HASH, recurse=False)


def _row(key: ApiKey) -> tuple[str, ...]:
    scopes = ",".join(sorted(key.scopes))
    return key.id, key.name, scopes, f"{key.created_at:%Y-%m-%d %H:%M}"
