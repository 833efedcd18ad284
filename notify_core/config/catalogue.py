"""Reads every template of a configuration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from notify_core.config.accounts import Accounts
from notify_core.config.document import Document, Node
from notify_core.config.template_files import template_nodes
from notify_core.config.templates import TemplateReader
from notify_core.errors import Problem
from notify_core.template.catalogue import CompiledTemplate


@attrs.frozen(kw_only=True)
class Catalogue:
    """The templates of a configuration, with everything that is wrong with them."""

    #: The files beside the configuration.
    documents: tuple[Document, ...]
    #: Where each template stands.
    nodes: Mapping[str, Node]
    #: Those with nothing wrong.
    templates: Mapping[str, CompiledTemplate]
    #: What is wrong, beside what the schema says of the configuration itself.
    problems: tuple[Problem, ...]
    #: What is allowed and probably not meant.
    warnings: tuple[Problem, ...]


def read_catalogue(
    document: Document, accounts: Accounts, by_schema: Iterable[Problem]
) -> Catalogue:
    """Read the templates in a configuration and in the files that it names.

    Args:
        document: The configuration.
        accounts: Whom a template may be bound to.
        by_schema: What the schema says of the configuration.
    """
    found = template_nodes(document)
    unsound = [*by_schema, *document.problems, *found.problems]
    reader = TemplateReader(accounts)
    for name, node in found.nodes.items():
        reader.read(name, node, is_sound=not any(_concerns(p, node) for p in unsound))
    return Catalogue(
        documents=found.documents,
        nodes=found.nodes,
        templates=reader.templates,
        problems=(*found.problems, *reader.problems),
        warnings=tuple(reader.warnings),
    )


def _concerns(problem: Problem, node: Node) -> bool:
    is_within = f"{problem.pointer}/".startswith(f"{node.pointer}/")
    return is_within and problem.file == node.document.file
