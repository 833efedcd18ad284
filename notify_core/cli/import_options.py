"""The options of `notify import`, and what they say together."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import attrs
import click

from notify_core.bulk.columns import mapping_problems
from notify_core.bulk.drafts import Drafting
from notify_core.bulk.rows import Format
from notify_core.bulk.source import examined
from notify_core.cli.message_fields import FIELDS
from notify_core.cli.pairs import Pair, only_once
from notify_core.model.channel import Channel, Kind

F = TypeVar("F", bound=Callable[..., Any])

_STANDARD_INPUT = "-"
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_FORMATS = {".csv": Format.CSV, ".ndjson": Format.NDJSON, ".jsonl": Format.NDJSON}

#: Options that are fields of every message, under the field's name.
_PLAIN = (
    *("template", "channel", "kind", "sender", "locale", "importance", "route"),
    *("not_before", "validity"),
)
_PAIRS = {"label": "labels", "metadata": "metadata"}
_OPTIONS = (
    click.argument("file", metavar="FILE|-"),
    click.option(
        "--format",
        "how",
        type=click.Choice([f.value for f in Format]),
        help="How rows are written; the end of the file's name tells it, too.",
    ),
    click.option(
        "--template", metavar="NAME", help="The template of rows without one."
    ),
    click.option(
        "--channel",
        type=click.Choice([c.value for c in Channel]),
        help="How rows travel that do not say it; sms where nothing is said.",
    ),
    click.option(
        "--kind",
        type=click.Choice([k.value for k in Kind]),
        help="What rows are for that do not say it.",
    ),
    *FIELDS,
    click.option(
        "--map",
        "mapping",
        multiple=True,
        type=Pair("column=field"),
        help="Column and the field that it fills, phone=to; repeat it. COLUMN= leaves "
        "one out.",
    ),
    click.option(
        "--batch",
        type=click.IntRange(1, 100_000),
        default=1000,
        show_default=True,
        help="Rows that are recorded in one step.",
    ),
    click.option(
        "--name",
        metavar="NAME",
        help="What tells this import from others, in place of the file's content.",
    ),
    click.option(
        "--rejects",
        metavar="FILE",
        help="Where rows go that were not taken; FILE.rejected.ndjson where nothing is "
        "said.",
    ),
)


def import_options(command: F) -> F:
    """Give a command the options that say what is imported."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@attrs.frozen(kw_only=True)
class Import:
    """What is imported, and how."""

    #: None: standard input.
    file: Path | None
    #: Bytes; None: nobody knows.
    size: int | None
    format: Format
    #: Name in the file to field of the message.
    mapping: Mapping[str, str]
    drafting: Drafting
    #: Rows that are recorded in one step.
    batch: int
    #: Where rows go that were not taken; None: nothing was said.
    rejects: Path | None
    #: Where they go then.
    usual_rejects: Path

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Import:
        """Return what the options say together.

        Raises:
            UsageError: They do not fit each other.
            UnreadableFile: The file cannot be read, or is not UTF-8.
        """
        file = None if options["file"] == _STANDARD_INPUT else Path(options["file"])
        name, mapping = _name(options, file), _mapping(options)
        rejects = Path(options["rejects"]) if options["rejects"] else None
        if file is not None and rejects is not None and _is_same(rejects, file):
            raise click.UsageError("--rejects names the file that is imported")
        facts = None if file is None else examined(file)
        told = f"name:{name}" if name or facts is None else f"file:{facts.hash}"
        return cls(
            file=file,
            size=None if facts is None else facts.size,
            format=_format(options, file),
            mapping=mapping,
            drafting=Drafting(key=f"import:{told}", usual=usual_fields(options)),
            batch=options["batch"],
            rejects=rejects,
            usual_rejects=Path(f"{file or name}.rejected.ndjson"),
        )


def _name(options: Mapping[str, Any], file: Path | None) -> str | None:
    name: str | None = options["name"]
    if name is not None and not _NAME.fullmatch(name):
        raise click.UsageError("--name has 1 to 64 letters, digits, -, _ or points")
    if name is None and file is None:
        raise click.UsageError(
            "standard input needs --name NAME: by it and the line a row is known when "
            "the same is imported again"
        )
    return name


def _mapping(options: Mapping[str, Any]) -> dict[str, str]:
    mapping = only_once(options["mapping"], "--map")
    for problem in mapping_problems(mapping):
        raise click.UsageError(f"--map: {problem}")
    return mapping


def _format(options: Mapping[str, Any], file: Path | None) -> Format:
    if options["how"] is not None:
        return Format(options["how"])
    how = _FORMATS.get(file.suffix.lower()) if file is not None else None
    if how is None:
        raise click.UsageError("say how rows are written: --format csv, or ndjson")
    return how


def usual_fields(options: Mapping[str, Any]) -> dict[str, object]:
    """Return the fields that hold for all rows that do not say otherwise.

    Raises:
        UsageError: A name is given twice.
    """
    usual = {name: options[name] for name in _PLAIN if options[name] is not None}
    for name, field in _PAIRS.items():
        if options[name]:
            usual[field] = only_once(options[name], f"--{name}")
    return usual


def _is_same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)
