"""Finds every template: in the configuration, and in the files that it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from glob import glob
from pathlib import Path

import attrs
from jsonschema.protocols import Validator

from notify_core.config.document import Document, Node
from notify_core.config.read import read_file
from notify_core.config.wording import faults, shown
from notify_core.config.yaml_reader import Unreadable
from notify_core.errors import Problem
from notify_core.policy.schema import CONFIG_SCHEMA
from notify_core.schemas import validator


@attrs.frozen(kw_only=True)
class TemplateNodes:
    """Where each template stands."""

    #: The files beside the configuration that were read, by path.
    documents: tuple[Document, ...]
    #: By name; where a name stands twice, the first.
    nodes: Mapping[str, Node]
    #: What is wrong with the files as such, and with what stands in them.
    problems: tuple[Problem, ...]


def template_nodes(document: Document) -> TemplateNodes:
    """Read the files that a configuration names."""
    problems: list[Problem] = []
    documents: list[Document] = []
    for path in _paths(document.root["template_files"], problems):
        try:
            documents.append(read_file(path))
        except Unreadable as error:
            problems += [attrs.evolve(told, file=path) for told in error.problems]
    for beside in documents:
        unreadable = {problem.pointer for problem in beside.problems}
        told = _schema_problems(beside)
        problems += beside.problems
        problems += [fault for fault in told if fault.pointer not in unreadable]
    nodes = _by_name(document, documents, problems)
    return TemplateNodes(
        documents=tuple(documents), nodes=nodes, problems=tuple(problems)
    )


def _paths(named: Node, problems: list[Problem]) -> list[str]:
    """Return the files that the patterns find, each once, in the order of the text."""
    found: dict[str, None] = {}
    for node in named.elements():
        if not node.text:
            continue  # the schema complains
        paths = _matching(node.document.folder, node.text)
        if not paths:
            where = f"in the folder {node.document.folder.resolve().name}"
            problems.append(node.problem(f"{shown(node.text)} finds no file {where}"))
        found |= dict.fromkeys(paths)
    return list(found)


def _matching(folder: Path, pattern: str) -> list[str]:
    try:
        names = glob(pattern, root_dir=folder, recursive=True)  # noqa: PTH207 (absolute ones too)
    except (ValueError, OSError):  # a NUL, a name too long: there is no such file
        return []
    return sorted(str(path) for name in names if (path := folder / name).is_file())


@cache
def _validator() -> Validator:
    return validator({"$ref": f"{CONFIG_SCHEMA}#/$defs/templates"})


def _schema_problems(document: Document) -> Iterator[Problem]:
    for error in _validator().iter_errors(document.public):
        for fault in faults(error):
            yield document.problem(fault.pointer, fault.message, at_key=fault.at_key)


def _by_name(
    document: Document, beside: list[Document], problems: list[Problem]
) -> dict[str, Node]:
    nodes = dict(document.root["templates"].entries())
    for other in beside:
        for name, node in other.root.entries():
            if name in nodes:
                first = nodes[name].key_problem("")
                where = f"stands in {first.file}:{first.line}" if first.file else ""
                again = f"{where or 'stands in the configuration'} already"
                problems.append(node.key_problem(f"{again}; give it another name"))
            nodes.setdefault(name, node)
    return nodes
