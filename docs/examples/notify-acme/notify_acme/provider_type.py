"""What Acme offers, declared."""

import json
from importlib.resources import files

from notify_acme.codes import CODES
from notify_acme.provider import AcmeProvider
from notify_core import Channel
from notify_core.provider import Capabilities, ProviderType, TextMode

ACME = ProviderType(
    name="acme",
    summary="Acme: SMS to everywhere, for the examples.",
    capabilities=Capabilities(channels=frozenset({Channel.SMS}), text=TextMode.FREE),
    settings_schema=json.loads(
        files("notify_acme").joinpath("settings.schema.json").read_text("utf-8")
    ),
    create=AcmeProvider,
    account_key=lambda settings: settings["account"],
    codes=CODES,
)
