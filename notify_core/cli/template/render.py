"""`notify template render`: how a template reads, and what it would cost."""

from __future__ import annotations

from typing import Any

import click

from notify_core.cli.options import config_option, examples, existing, json_option
from notify_core.cli.output import write
from notify_core.cli.params import params_of, params_options
from notify_core.cli.template.preview import Previewing
from notify_core.config import load
from notify_core.config.snapshot import ProviderSettings, Snapshot
from notify_core.errors import ConfigurationError, InvalidMessage, Problem
from notify_core.model.channel import Channel
from notify_core.model.recipient import Recipient, parse_recipient
from notify_core.names import nearest
from notify_core.plugins import Plugins
from notify_core.template.catalogue import CompiledTemplate

#: Whose example number stands for the recipient, where the configuration has no region.
_ANY_REGION = "US"
_EXAMPLES = {Channel.EMAIL: "jane@example.com", Channel.WEBHOOK: "example"}


@click.command(
    "render",
    short_help="Render a template, and estimate what it would cost.",
    epilog=examples(
        "notify template render login-code --param code=1234",
        "notify template render login-code --param code=1234 --locale en --json",
        "notify template render bill --params '{\"days\": 3}' --to +8613800138000",
        "notify template render login-code --param code=1234 --provider my-account",
    ),
)
@click.argument("name")
@params_options
@click.option("--locale", metavar="TAG", help="Language of the text, zh-CN.")
@click.option(
    "--channel",
    type=click.Choice([c.value for c in Channel]),
    default=Channel.SMS.value,
    show_default=True,
    help="How it would travel.",
)
@click.option("--to", help="For whom; without it, an example of such an address.")
@click.option(
    "--provider", "only", multiple=True, metavar="NAME", help="Only this; repeat it."
)
@config_option
@json_option
def command(
    name: str,
    config: str,
    only: tuple[str, ...],
    to: str | None,
    channel: str,
    *,
    as_json: bool,
    **options: Any,
) -> None:
    """Render the template NAME; nothing is sent.

    It shows the text, its characters, alphabet and segments, and for each provider
    what it would be sent, what it would bill, or why it would not take it. The cost
    needs a price in the configuration.
    """
    snapshot = load(existing(config), Plugins())
    previewing = Previewing(
        template=_template(snapshot, name),
        params=params_of(options),
        locale=options["locale"],
        channel=Channel(channel),
        recipient=_recipient(snapshot, Channel(channel), to),
    )
    preview = previewing.preview(_providers(snapshot, only))
    write(preview, preview.lines(), as_json=as_json)


def _template(snapshot: Snapshot, name: str) -> CompiledTemplate:
    if name not in snapshot.templates:
        hint = nearest(name, snapshot.templates)
        raise ConfigurationError(f"no template {name!r}; {hint}")
    return snapshot.templates[name]


def _providers(snapshot: Snapshot, only: tuple[str, ...]) -> list[ProviderSettings]:
    for name in only:
        if name not in snapshot.providers:
            hint = nearest(name, snapshot.providers)
            raise ConfigurationError(f"no provider {name!r}; {hint}")
    return [snapshot.providers[name] for name in only or snapshot.providers]


def _recipient(snapshot: Snapshot, channel: Channel, to: str | None) -> Recipient:
    address = to if to is not None else _EXAMPLES.get(channel)
    try:
        return parse_recipient(
            channel, address or _example_number(snapshot), snapshot.region
        )
    except ValueError as error:
        raise InvalidMessage([Problem(pointer="/to", message=str(error))]) from None


def _example_number(snapshot: Snapshot) -> str:
    # Imported here: the metadata takes 0.1 s.
    import phonenumbers  # noqa: PLC0415

    kind = phonenumbers.PhoneNumberType.MOBILE
    regions = (snapshot.region, _ANY_REGION)
    numbers = (phonenumbers.example_number_for_type(r, kind) for r in regions if r)
    number = next(filter(None, numbers))
    e164 = phonenumbers.PhoneNumberFormat.E164
    return str(phonenumbers.format_number(number, e164))
