"""What every provider must do."""

from collections.abc import Mapping, Sequence
from typing import Any

from notify_webhook.provider_type import WEBHOOK

from notify_core.model.outcome import Outcome, Reason
from notify_core.secret import Secret
from notify_core.testing import HttpAnswer, HttpProviderContract

TAKEN = (Outcome.ACCEPTED, Reason.NONE)


class TestWebhook(HttpProviderContract):
    provider_type = WEBHOOK
    unknown_code = "http 418"
    #: The status says it: what stands in the body is nobody's business.
    wire = dict.fromkeys(
        ("empty", "no_content", "html", "garbage", "wrong_encoding"), TAKEN
    )

    def settings(self, base_url: str) -> Mapping[str, Any]:
        return {
            "endpoints": {f"somewhere-{n}": _endpoint(base_url) for n in range(100)}
        }

    def answer(self, code: str) -> HttpAnswer:
        return HttpAnswer(status=int(code.removeprefix("http ")))

    def malformed(self) -> Sequence[bytes]:
        return []


def _endpoint(base_url: str) -> Mapping[str, Any]:
    return {
        "url": f"{base_url}/hooks?key=a-secret-of-the-url",
        "secret": Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        "secret_headers": {"authorization": Secret("Bearer a-token-of-the-tests")},
        "allow_http": True,
        "allow_private": True,
    }
