"""The options that are fields of a message, whether of one or of every row."""

from __future__ import annotations

import click

from notify_core.cli.pairs import Pair
from notify_core.model.channel import Importance

FIELDS = (
    click.option(
        "--sender", metavar="NAME", help="Signature, sender id, from-address."
    ),
    click.option("--locale", metavar="TAG", help="Language of the text, zh-CN."),
    click.option(
        "--importance",
        type=click.Choice([i.value for i in Importance]),
        help="How much it matters.",
    ),
    click.option("--route", metavar="NAME", help="A route of the configuration."),
    click.option(
        "--label",
        multiple=True,
        type=Pair(),
        help="Recorded with the message; never sent.",
    ),
    click.option(
        "--metadata", multiple=True, type=Pair(), help="For events; never sent."
    ),
    click.option(
        "--not-before",
        metavar="TIME",
        help="Not to be sent earlier, 2026-01-31T08:00:00+08:00.",
    ),
    click.option(
        "--validity", metavar="TIME", help="Not to be sent later than that, 5m."
    ),
)
