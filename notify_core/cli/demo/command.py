"""The command `notify demo`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from importlib.resources.abc import Traversable

import click

from notify_core.cli.demo.performance import Scene, played
from notify_core.cli.demo.report import ending_lines, scene_lines
from notify_core.cli.demo.script import CONFIG_FILE, demo_of, read_script
from notify_core.cli.demo.stage import opened_stage
from notify_core.cli.emulated import installed_type
from notify_core.cli.exit_code import ExitCode
from notify_core.cli.options import examples, json_option
from notify_core.cli.output import heading, write
from notify_core.names import nearest
from notify_core.plugins import Plugins
from notify_core.provider import ProviderType

#: Seconds; a demo takes a few.
_LONGEST = 50.0


@click.command(
    "demo",
    epilog=examples(
        "notify demo",
        "notify demo --json",
        "notify demo TYPE        # where several types have a demo",
    ),
)
@click.argument("name", metavar="[TYPE]", required=False)
@json_option
def command(name: str | None, *, as_json: bool) -> ExitCode:
    """Play the demo of a provider type, and check every line that it promises.

    The emulator of the vendor runs on a free port of this machine; nothing leaves it.
    Messages go to it over real HTTP, through a real configuration file.
    """
    kind = _chosen(Plugins(), name)
    folder = demo_of(kind)
    return asyncio.run(_perform(kind, folder, as_json=as_json))


def _chosen(plugins: Plugins, name: str | None) -> ProviderType:
    """Return the type to play: the one named, or the only one that has a demo."""
    if name is not None:
        return installed_type(plugins, name)
    playable = [kind.name for kind in plugins.provider_types.values() if kind.demo]
    if len(playable) != 1:
        raise click.UsageError(f"name a provider type; {nearest('', playable)}")
    return plugins.provider_types[playable[0]]


async def _perform(
    kind: ProviderType, folder: Traversable, *, as_json: bool
) -> ExitCode:
    began = time.perf_counter()
    tell = _say_nothing if as_json else click.echo
    tell(f"{heading(f'notify demo {kind.name}')}  {kind.summary}")
    try:
        async with asyncio.timeout(_LONGEST):
            scenes = [scene async for scene in _scenes(kind, folder, tell)]
    except TimeoutError:
        raise click.ClickException(f"the demo did not end in {_LONGEST:g} s") from None
    seconds = round(time.perf_counter() - began, 3)
    ok = not any(scene.missing for scene in scenes)
    document = {"type": kind.name, "ok": ok, "seconds": seconds, "steps": scenes}
    write(document, ending_lines(kind.name, scenes, seconds), as_json=as_json)
    return ExitCode.DONE if ok else ExitCode.FAILED


def _say_nothing(_: str) -> None:
    """Keep standard output to the one document."""


async def _scenes(
    kind: ProviderType, folder: Traversable, tell: Callable[[str], None]
) -> AsyncIterator[Scene]:
    """Play the script and tell each step when it has ended."""
    script = read_script(folder)
    async with opened_stage(kind, script, folder / CONFIG_FILE) as stage:
        url = stage.emulator.url
        tell(f"The vendor's emulator runs on {url}; nothing leaves this machine.\n")
        async for scene in played(script, stage):
            tell("\n".join(scene_lines(scene)))
            yield scene
