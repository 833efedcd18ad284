"""Reads a configuration: a file of YAML or JSON, or a mapping from Python."""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from collections.abc import Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import attrs

from notify_core.config.document import Document
from notify_core.config.mapping_reader import MappingReader
from notify_core.config.yaml_reader import Unreadable, YamlReader
from notify_core.errors import ConfigurationError, Problem

#: The largest file that is read, in bytes: far more than any in use.
MAX_SIZE = 1024 * 1024

Source = str | PathLike[str] | Mapping[str, Any]

_CONTROL = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read(source: Source) -> Document:
    """Return a configuration with the place of everything in it.

    Args:
        source: The path of a file, or what such a file would hold.

    Raises:
        ConfigurationError: There is nothing to read, or not as YAML or JSON.
    """
    if isinstance(source, Mapping):
        return MappingReader().read(source)
    file = fspath(source)
    try:
        return read_file(file)
    except Unreadable as error:
        problems = error.problems
    raise unusable(file, problems)


def unusable(file: str | None, problems: Sequence[Problem]) -> ConfigurationError:
    """Return the error that lists *problems*."""
    name = "the configuration" if file is None else f"the configuration {file}"
    return ConfigurationError(f"{name} cannot be used:", problems)


def read_file(file: str) -> Document:
    """Return what a file of YAML or JSON holds, with the place of everything in it.

    Raises:
        Unreadable: There is nothing to read, or not as YAML or JSON.
    """
    try:
        with Path(file).open("rb") as stream:
            written = stream.read(MAX_SIZE + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise Unreadable(
            [Problem(pointer="", message=f"cannot be read: {why}")]
        ) from error
    text = _decoded(written, file)
    try:
        document = YamlReader(text, file).read()
    except Unreadable:
        if (fault := _json_fault(text, file)) is None:
            raise
    else:
        return attrs.evolve(document, folder=Path(file).parent)
    # Not in the except block: what is said of YAML is of no use here.
    raise fault


def _json_fault(text: str, file: str) -> Unreadable | None:
    """Return where a file of JSON breaks, in words of JSON; None: nowhere."""
    if not file.lower().endswith(".json"):
        return None
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        # What the library says quotes nothing of the text.
        said, before = error.msg[:1].lower() + error.msg[1:], text[: error.pos]
    except (ValueError, RecursionError):
        return None  # a number too long, or too deep: the reader says that itself
    else:
        return None
    return _unreadable(file, before, f"is no JSON from here on: {said}")


def _decoded(written: bytes, file: str) -> str:
    if len(written) > MAX_SIZE:
        raise _unreadable(file, "", f"is larger than {MAX_SIZE} bytes")
    written = written.removeprefix(BOM_UTF8)
    try:
        text = written.decode()
    except UnicodeDecodeError as error:
        before = written[: error.start].decode()
        raise _unreadable(file, before, "is not UTF-8 here") from error
    control = _CONTROL.search(text)
    if control is not None:
        fault = f"has a control character (U+{ord(control[0]):04X}) here"
        raise _unreadable(file, text[: control.start()], fault)
    return text


def _unreadable(file: str, before: str, message: str) -> Unreadable:
    """Return the fault that stands after the text *before*."""
    problem = Problem(
        pointer="",
        message=message,
        file=file,
        line=before.count("\n") + 1,
        column=len(before) - before.rfind("\n"),
    )
    return Unreadable([problem])
