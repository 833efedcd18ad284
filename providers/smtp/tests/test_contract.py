"""What every provider must do."""

from collections.abc import Mapping
from typing import Any

import pytest
from notify_smtp.provider_type import SMTP
from yarl import URL

from notify_core.secret import Secret
from notify_core.testing import ProviderContract


class TestSmtp(ProviderContract):
    provider_type = SMTP

    @pytest.fixture
    async def vendor(self, mail_server):
        """Return where a real mail server listens, as a URL."""
        return f"http://127.0.0.1:{mail_server.port}"

    def settings(self, base_url: str) -> Mapping[str, Any]:
        url = URL(base_url)
        return {
            "host": url.host,
            "port": url.port,
            "security": "none",
            "sender": "Example <no-reply@example.com>",
            "subject": "A message from Example",
        }


class TestSmtpWithLogin(TestSmtp):
    @pytest.fixture
    async def vendor(self, open_mail_server):
        """Return where a real mail server listens that wants a password."""
        server = await open_mail_server(auth_require_tls=False)
        return f"http://127.0.0.1:{server.port}"

    def settings(self, base_url: str) -> Mapping[str, Any]:
        password = Secret("a-password-of-the-tests")
        return {
            **super().settings(base_url),
            "username": "mailer",
            "password": password,
        }
