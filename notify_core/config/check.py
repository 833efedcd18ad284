"""Finds everything that is wrong with a configuration, at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from notify_core.config.defaults import default_problems
from notify_core.config.document import Document, by_place
from notify_core.config.links import link_problems
from notify_core.config.policies import policy_problems
from notify_core.config.providers import ProviderReader
from notify_core.config.schema import config_validator
from notify_core.config.secrets import References
from notify_core.config.snapshot import ProviderSettings
from notify_core.config.templates import TemplateReader
from notify_core.config.wording import faults
from notify_core.errors import Problem
from notify_core.plugins import Plugins
from notify_core.template.rendering import TextTemplate


@attrs.frozen(kw_only=True)
class Examined:
    """A configuration with everything that is wrong with it."""

    document: Document
    #: Those with nothing wrong.
    providers: Mapping[str, ProviderSettings]
    #: The compiled text of each template that has one.
    texts: Mapping[str, TextTemplate]
    #: In the order of the file; empty when it can be compiled.
    problems: tuple[Problem, ...]


def examined(
    document: Document, plugins: Plugins, environ: Mapping[str, str]
) -> Examined:
    """Check a configuration; references are followed, nothing else is touched."""
    reader = ProviderReader(
        plugins, References(environ=environ, folder=document.folder)
    )
    read = {
        name: reader.read(name, node)
        for name, node in document.root["providers"].entries()
    }
    templates = _templates(document, plugins)
    by_schema = list(_schema_problems(document))
    found = [
        *by_schema,
        *reader.problems,
        *default_problems(document.root["defaults"]),
        *link_problems(document.root),
        *_policy_problems(document, by_schema),
        *templates.problems,
    ]
    return Examined(
        document=document,
        providers={name: provider for name, provider in read.items() if provider},
        texts=templates.texts,
        problems=_sorted(document.problems, found),
    )


def _schema_problems(document: Document) -> Iterator[Problem]:
    for error in config_validator().iter_errors(document.public):
        for fault in faults(error):
            yield document.problem(fault.pointer, fault.message, at_key=fault.at_key)


def _policy_problems(document: Document, by_schema: list[Problem]) -> Iterator[Problem]:
    unsound = [f"{problem.pointer}/" for problem in [*by_schema, *document.problems]]
    for name, node in document.root["policies"].entries():
        if not any(pointer.startswith(f"{node.pointer}/") for pointer in unsound):
            yield from policy_problems(name, node)


def _templates(document: Document, plugins: Plugins) -> TemplateReader:
    types = plugins.provider_types
    providers = {
        name: types.get(node["type"].text or "")
        for name, node in document.root["providers"].entries()
    }
    reader = TemplateReader({**types, **providers})
    for name, node in document.root["templates"].entries():
        reader.read(name, node)
    return reader


def _sorted(first: tuple[Problem, ...], then: list[Problem]) -> tuple[Problem, ...]:
    """Return them by place, without what follows from a value that was unreadable."""
    unreadable = {problem.pointer for problem in first}
    rest = [problem for problem in then if problem.pointer not in unreadable]
    return tuple(sorted(dict.fromkeys([*first, *rest]), key=by_place))
