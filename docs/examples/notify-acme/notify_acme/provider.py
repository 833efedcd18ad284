"""One Acme account: makes the request and reads the answer."""

import msgspec
from yarl import URL

from notify_acme.codes import CODES
from notify_core import Answer
from notify_core.http import HttpResponse
from notify_core.provider import Account, Submission, coded_answer


class AcmeProvider:
    """Submits messages to Acme."""

    def __init__(self, account: Account) -> None:
        settings = account.settings
        self._http = account.http
        self._now = account.now
        self._url = URL(f"{settings['base_url']}/v1/messages")
        self._account = settings["account"]
        self._token = settings["token"]

    async def submit(self, submission: Submission) -> Answer:
        """Make one request and say what the vendor said."""
        message = {
            "account": self._account,
            "to": submission.recipient.address,
            "text": submission.text,
            "reference": submission.reference,
        }
        return await self._http.submit(
            self._url,
            msgspec.json.encode(message),
            content_type="application/json",
            headers={"Authorization": f"Bearer {self._token.reveal()}"},
            timeouts=submission.timeouts,
            wire=submission.wire,
            read=self._read,
        )

    async def aclose(self) -> None:
        """Release nothing: the session is the core's."""

    def _read(self, response: HttpResponse) -> Answer | None:
        answer = response.json_object() or {}
        code = answer.get("code")
        if not isinstance(code, str):
            return None
        return coded_answer(
            CODES.get(code),
            code,
            text=answer.get("detail"),
            provider_id=answer.get("id"),
            now=self._now(),
        )
