"""`notify template list`: what there is, and who can send it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs
import click

from notify_core.cli.options import config_option, examples, existing, json_option
from notify_core.cli.output import faint, heading, write
from notify_core.config import load
from notify_core.config.snapshot import ProviderSettings
from notify_core.model.channel import Kind
from notify_core.model.template import Binding
from notify_core.plugins import Plugins
from notify_core.template.catalogue import CompiledTemplate, can_send


@attrs.frozen(kw_only=True)
class Sender:
    """A configured provider that can send a template."""

    #: Its name in the configuration.
    provider: str
    #: How it knows the template; None: it takes any text.
    binding: Binding | None

    def __str__(self) -> str:
        if self.binding is None:
            return self.provider
        return f"{self.provider} ({self.binding.template_id or 'filed text'})"


@attrs.frozen(kw_only=True)
class ListedTemplate:
    """One template of the configuration."""

    name: str
    kind: Kind
    #: Names of its parameters.
    params: tuple[str, ...]
    #: BCP 47 tags, the default first; empty: one text for everybody.
    locales: tuple[str, ...]
    providers: tuple[Sender, ...]

    @classmethod
    def of(
        cls, compiled: CompiledTemplate, providers: Iterable[ProviderSettings]
    ) -> ListedTemplate:
        """Describe a template."""
        template = compiled.template
        default = template.default_locale
        return cls(
            name=template.name,
            kind=template.kind,
            params=tuple(template.params.get("properties", {})),
            locales=(*([default] if default else []), *template.locales),
            providers=tuple(_senders(compiled, providers)),
        )

    def lines(self) -> Iterator[str]:
        """Yield the text for people."""
        facts = [self.kind, *self.locales]
        yield f"{heading(self.name)}  {faint(', '.join(facts))}"
        yield f"    params: {', '.join(self.params) or 'none'}"
        yield f"    sent by: {', '.join(map(str, self.providers)) or 'no provider'}"


@click.command(
    "list",
    short_help="List the templates.",
    epilog=examples(
        "notify template list", "notify template list --config notify.yaml --json"
    ),
)
@config_option
@json_option
def command(config: str, *, as_json: bool) -> None:
    """List every template with its kind, languages, params and providers."""
    snapshot = load(existing(config), Plugins())
    listed = [
        ListedTemplate.of(template, snapshot.providers.values())
        for template in snapshot.templates.values()
    ]
    lines = [line for template in listed for line in template.lines()]
    empty = [f"{config} has no templates."]
    write({"templates": listed}, lines or empty, as_json=as_json)


def _senders(
    compiled: CompiledTemplate, providers: Iterable[ProviderSettings]
) -> Iterator[Sender]:
    for provider in providers:
        binding = compiled.binding_for(provider.name, provider.type.name)
        if can_send(provider.capabilities, compiled.template, binding):
            yield Sender(provider=provider.name, binding=binding)
