"""Finds everything that is wrong with a configuration, at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs

from notify_core.config.accounts import Accounts
from notify_core.config.catalogue import Catalogue, read_catalogue
from notify_core.config.defaults import default_problems
from notify_core.config.document import Document
from notify_core.config.events import event_problems
from notify_core.config.links import link_problems
from notify_core.config.policies import PolicyReader, compilation_of
from notify_core.config.pools import pool_problems
from notify_core.config.providers import ProviderReader
from notify_core.config.route_tests import route_test_problems
from notify_core.config.routes import route_problems
from notify_core.config.schema import config_validator
from notify_core.config.secrets import References
from notify_core.config.server import server_problems
from notify_core.config.snapshot import ProviderSettings, Storage
from notify_core.config.storage import StorageReader, hashed_by
from notify_core.config.wording import faults
from notify_core.errors import Problem
from notify_core.model.masking import masked
from notify_core.plugins import Plugins
from notify_core.policy.counter_key import Hashed
from notify_core.policy.policy_set import PolicySet
from notify_core.routing.strategy import Strategy

#: Where an address of a person may stand, which no message shows.
_RECIPIENT = re.compile("/match/recipient(/|$)|^/tests/[0-9]+/given(/|$)")
#: Parts of a pointer to one of the settings of a policy set.
_DEPTH = len(["", "policies", "otp", "limits"])


@attrs.frozen(kw_only=True)
class Examined:
    """A configuration with everything that is wrong with it."""

    document: Document
    #: Those with nothing wrong.
    providers: Mapping[str, ProviderSettings]
    #: Where messages live; of no use after problems with it.
    storage: Storage
    #: The templates, those in files beside it too.
    catalogue: Catalogue
    #: Those on offer, by name.
    strategies: Mapping[str, Strategy]
    #: Those with nothing wrong, by name; of None what holds where none is named.
    policies: Mapping[str | None, PolicySet]
    #: Every file that was read, those that references name too.
    files: frozenset[Path]
    #: In the order of the file; empty when it can be compiled.
    problems: tuple[Problem, ...]

    def is_of_templates(self, problem: Problem) -> bool:
        """Tell whether a problem is one of the templates, wherever they stand."""
        if problem.file != self.document.file:
            return True
        parts = problem.pointer.split("/")[1:2]
        return parts == [] or parts[0] in ("templates", "template_files")


def examined(
    document: Document, plugins: Plugins, environ: Mapping[str, str]
) -> Examined:
    """Check a configuration; references are followed, nothing else is touched."""
    references = References(environ=environ, folder=document.folder)
    reader = ProviderReader(plugins, references)
    entries = document.root["providers"].entries()
    ready = {name: read for name, node in entries if (read := reader.read(name, node))}
    accounts = Accounts.of(document.root["providers"], plugins.provider_types, ready)
    by_schema = list(_schema_problems(document, plugins))
    storage = StorageReader(references)
    stored = storage.read(document.root)
    policies = _policies(document, plugins, by_schema, hashed_by(stored))
    catalogue = read_catalogue(document, accounts, by_schema)
    found = [
        *by_schema,
        *reader.problems,
        *default_problems(document.root["defaults"]),
        *server_problems(document.root),
        *event_problems(document.root, ready),
        *storage.problems,
        *link_problems(document.root),
        *route_problems(document.root["routes"]),
        *pool_problems(document.root, plugins.strategies),
        *policies.problems,
        *catalogue.problems,
        *route_test_problems(document.root, catalogue.nodes, by_schema),
    ]
    return Examined(
        document=document,
        providers=ready,
        storage=stored,
        catalogue=catalogue,
        strategies=plugins.strategies,
        policies={None: policies.default} | policies.sets,
        files=frozenset(references.files).union(_files(document, *catalogue.documents)),
        problems=_sorted(document, found),
    )


def _files(*documents: Document) -> Iterator[Path]:
    return (Path(read.file) for read in documents if read.file is not None)


def _schema_problems(document: Document, plugins: Plugins) -> Iterator[Problem]:
    checked = config_validator(plugins.policy_types)
    for error in checked.iter_errors(document.public):
        for fault in faults(error):
            message = fault.message
            if _RECIPIENT.search(fault.pointer):
                message = masked(message)
            yield document.problem(fault.pointer, message, at_key=fault.at_key)


def _policies(
    document: Document, plugins: Plugins, by_schema: list[Problem], hashed: Hashed
) -> PolicyReader:
    found = [*by_schema, *document.problems]
    unsound = {"/".join(problem.pointer.split("/")[:_DEPTH]) for problem in found}
    compilation = compilation_of(document.root["defaults"], hashed)
    return PolicyReader(document.root, plugins.policy_types, compilation, unsound)


def _sorted(document: Document, then: list[Problem]) -> tuple[Problem, ...]:
    """Return them by place, without what follows from a value that was unreadable."""
    first = document.problems
    unreadable = {(problem.file, problem.pointer) for problem in first}
    rest = [p for p in then if (p.file, p.pointer) not in unreadable]
    return document.ordered(dict.fromkeys([*first, *rest]))
