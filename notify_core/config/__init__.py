"""Reads, checks and compiles configurations."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial

import attrs

from notify_core.config import failpoint
from notify_core.config.check import examined
from notify_core.config.compile import compile_snapshot
from notify_core.config.read import Source, read, unusable
from notify_core.config.schema import composed_schema
from notify_core.config.snapshot import Snapshot
from notify_core.errors import ConfigurationError, Problem
from notify_core.plugins import Plugins

__all__ = ["Report", "check", "check_templates", "composed_schema", "load"]


@attrs.frozen
class Report:
    """What `check` found."""

    #: What keeps the configuration from being used, in the order of the file.
    errors: tuple[Problem, ...]
    #: What is allowed and probably not meant; only told when there are no errors.
    warnings: tuple[Problem, ...] = ()
    #: What could not be found out, because it would take too long.
    notes: tuple[Problem, ...] = ()


def load(
    source: Source, plugins: Plugins, environ: Mapping[str, str] = os.environ
) -> Snapshot:
    """Read, check and compile a configuration, following its references.

    Args:
        source: The path of a YAML or JSON file, or a mapping of the same content, in
            which a `Secret` may stand for a reference.
        plugins: Whose provider types it may name.
        environ: Where `{env: NAME}` is looked up.

    Raises:
        ConfigurationError: It cannot be used; lists every problem with its place.
    """
    examine = partial(examined, plugins=plugins, environ=environ)
    found = examine(read(source))
    if found.problems:
        raise unusable(found.document.file, found.problems)
    return compile_snapshot(failpoint.passed(found, examine))


def check(
    source: Source, plugins: Plugins, environ: Mapping[str, str] = os.environ
) -> Report:
    """Return all that is wrong or doubtful; the arguments are those of `load`."""
    try:
        snapshot = load(source, plugins, environ)
    except ConfigurationError as error:
        return Report(error.problems)
    return Report((), snapshot.warnings, snapshot.notes)


def check_templates(
    source: Source, plugins: Plugins, environ: Mapping[str, str] = os.environ
) -> Report:
    """Return all that is wrong or doubtful with the templates; arguments as of `load`.

    A provider that cannot be used is warned of: nothing was checked for it.
    """
    try:
        found = examined(read(source), plugins, environ)
    except ConfigurationError as error:
        return Report(error.problems)
    errors = tuple(filter(found.is_of_templates, found.problems))
    unchecked = [
        node.key_problem("cannot be used, so no template was checked for it")
        for name, node in found.document.root["providers"].entries()
        if name not in found.providers
    ]
    warnings = found.document.ordered([*unchecked, *found.catalogue.warnings])
    return Report(errors, () if errors else warnings)
