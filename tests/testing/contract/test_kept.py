"""Two providers that keep the contract: one of a vendor that can all, one of little."""

import json
from collections.abc import Mapping
from typing import Any

from yarl import URL

from notify_core.http import HttpResponse
from notify_core.model.attempt import Answer
from notify_core.model.channel import Channel
from notify_core.model.outcome import Outcome
from notify_core.provider import (
    Account,
    Capabilities,
    ProviderType,
    Submission,
    TextMode,
)
from notify_core.testing import HttpAnswer, HttpProviderContract
from tests.testing.contract.acme import AcmeContract


class TestAcme(AcmeContract):
    """Codes, receipts and a balance."""


class Plain:
    """A provider of a vendor that answers 201 with an id, and does nothing else."""

    def __init__(self, account: Account) -> None:
        self.account = account

    async def submit(self, submission: Submission) -> Answer:
        return await self.account.http.submit(
            URL(self.account.settings["base_url"]),
            json.dumps({"to": submission.recipient.address}).encode(),
            content_type="application/json",
            timeouts=submission.timeouts,
            wire=submission.wire,
            read=self.read,
        )

    def read(self, response: HttpResponse) -> Answer | None:
        number = (response.json_object() or {}).get("id")
        if response.status != 201 or not isinstance(number, str):
            return None
        return Answer(outcome=Outcome.ACCEPTED, provider_id=number)

    async def aclose(self) -> None:
        """Release nothing."""


class TestPlain(HttpProviderContract):
    """A vendor without codes, balance and pushes keeps the contract too."""

    provider_type = ProviderType(
        name="plain",
        summary="A vendor of the tests that can do little.",
        capabilities=Capabilities(
            channels=frozenset({Channel.WEBHOOK}), text=TextMode.NONE, templates=True
        ),
        settings_schema={
            "type": "object",
            "properties": {"base_url": {"type": "string"}},
        },
        create=Plain,
        account_key=lambda settings: str(settings["base_url"]),
    )

    def settings(self, base_url: str) -> Mapping[str, Any]:
        return {"base_url": base_url}

    def answer(self, code: str) -> HttpAnswer:
        return HttpAnswer(status=201, body=b'{"id": "1"}')
