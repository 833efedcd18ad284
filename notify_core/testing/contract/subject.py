"""The provider under test: an account of it, and messages for that account."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

import aiohttp
import attrs
import pytest

from notify_core.clock import Clock, SystemClock
from notify_core.config.read import read
from notify_core.config.secrets import References
from notify_core.config.settings import SettingsReader
from notify_core.config.snapshot import ProviderSettings
from notify_core.model.channel import Channel, Kind
from notify_core.model.recipient import Email, Endpoint, Phone, Recipient
from notify_core.provider import BoundTemplate, ProviderType, Submission, TextMode
from notify_core.secret import Secret
from notify_core.testing.faults import local_session
from notify_core.transmission import Timeouts
from notify_core.unit import Unit, open_unit

#: Where nobody listens: for tests that send nothing.
NOWHERE = "http://127.0.0.1:9"
_TEMPLATE = BoundTemplate(id="1", params=(("code", "2546"),))


class Subject:
    """What a provider's author supplies, and what the tests make of it."""

    #: What the plugin offers.
    provider_type: ClassVar[ProviderType]
    #: A text that the vendor takes.
    text: ClassVar[str] = "您的验证码是：2546。请不要把验证码泄露给其他人。"

    def settings(self, base_url: str) -> Mapping[str, Any]:
        """Return an account's settings, secrets as `Secret`.

        Args:
            base_url: Where the vendor is to be called, without a slash at the end.
        """
        raise NotImplementedError

    @pytest.fixture
    def vendor(self) -> str:
        """Return the base URL of a vendor that accepts everything."""
        return NOWHERE

    def checked(
        self, settings: Mapping[str, Any]
    ) -> tuple[Mapping[str, Any], list[str]]:
        """Return settings with their defaults, and what is wrong with them."""
        nothing = References(environ={}, folder=Path())
        reader = SettingsReader(self.provider_type, nothing)
        read_settings = reader.read(read({"settings": dict(settings)}).root["settings"])
        return read_settings or {}, [str(problem) for problem in reader.problems]

    def configured(self, base_url: str = NOWHERE) -> ProviderSettings:
        """Return the account as the configuration does."""
        settings, problems = self.checked(self.settings(base_url))
        assert not problems
        return ProviderSettings(
            name="contract",
            type=self.provider_type,
            settings=settings,
            capabilities=self.provider_type.capabilities_for(settings),
            account=self.provider_type.account_key(settings),
        )

    @asynccontextmanager
    async def account(
        self,
        base_url: str,
        session: aiohttp.ClientSession | None = None,
        clock: Clock | None = None,
    ) -> AsyncIterator[Unit]:
        """Open an account as the core does, on a session that resolves no name."""
        own = local_session() if session is None else None
        settings = self.configured(base_url)
        unit = open_unit(settings, clock or SystemClock(), session or own)
        try:
            yield unit
        finally:
            await unit.aclose()
            if own is not None:
                await own.close()

    def submission(self, number: int = 0, **changes: Any) -> Submission:
        """Return a submission that the account can take, one of a hundred."""
        capabilities = self.configured().capabilities
        channel = min(capabilities.channels)
        takes_text = capabilities.text is not TextMode.NONE
        submission = Submission(
            message=f"01K{number:023}",
            reference=f"01K{number:023}",
            recipient=_recipient(channel, number),
            channel=channel,
            kind=Kind.OTP,
            text=self.text if takes_text else None,
            template=None if takes_text else _TEMPLATE,
            timeouts=Timeouts(connect=5, read=5),
        )
        return attrs.evolve(submission, **changes)

    def assert_discreet(self, shown: object, submission: Submission) -> None:
        """Fail if *shown* has a secret, a whole address or what was to be said."""
        recipient = submission.recipient
        hidden = [*_secrets(self.settings(NOWHERE)), recipient.address, submission.text]
        if isinstance(recipient, Phone):
            hidden.append(recipient.national)
        text = str(shown)
        assert not [value for value in hidden if value and value in text], text[:500]


def _recipient(channel: Channel, number: int) -> Recipient:
    match channel:
        case Channel.SMS | Channel.VOICE:
            return Phone(f"+86138001380{number:02}", "86", "CN")
        case Channel.EMAIL:
            return Email(f"somebody{number}@example.com")
        case Channel.WEBHOOK:
            return Endpoint(f"somewhere-{number}")


def _secrets(value: Any) -> Iterator[str]:
    if isinstance(value, Secret):
        yield value.reveal()
    elif isinstance(value, Mapping):
        for child in value.values():
            yield from _secrets(child)
    elif isinstance(value, list | tuple):
        for child in value:
            yield from _secrets(child)
