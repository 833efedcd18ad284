"""Named endpoints: signs a message for one of them and posts it once."""

from __future__ import annotations

import aiohttp

from notify_core.http import HttpClient
from notify_core.model.attempt import Answer
from notify_core.model.outcome import Outcome, Reason
from notify_core.provider import Account, Submission
from notify_webhook.body import Unfillable, facts, whole_body
from notify_webhook.codes import answer_of
from notify_webhook.guard import ForbiddenAddress, guarded_session
from notify_webhook.receivers import receivers
from notify_webhook.signatures import signed_headers

_JSON = "application/json"


class WebhookProvider:
    """One configured set of endpoints.

    Endpoints that may be private are called on the account's session. The others are
    called on a session of the provider's own: whether a connection may be made has to
    be decided where it is made, and connections of the two kinds must not be shared.

    Args:
        account: The configuration.
        guarded: The session that connects to public addresses only, from now on the
            provider's to close; None: a new one.
    """

    def __init__(
        self, account: Account, *, guarded: aiohttp.ClientSession | None = None
    ) -> None:
        self._now = account.now
        self._http = account.http
        self._receivers = receivers(account.settings)
        self._guarded = guarded_session() if guarded is None else guarded
        self._guarded_http = HttpClient(self._guarded, account.now)

    async def submit(self, submission: Submission) -> Answer:
        """Post the message to its endpoint and say what the status means."""
        # `refusal` has seen that there is such an endpoint.
        receiver = self._receivers[submission.recipient.address]
        http = self._guarded_http if receiver.is_guarded else self._http
        now = self._now()
        try:
            body = whole_body(submission)
            if body is None:
                body = receiver.body.filled(facts(submission, now))
            signed = signed_headers(receiver.keys, submission.reference, now, body)
            return await http.submit(
                receiver.url,
                body,
                content_type=_JSON,
                headers={**receiver.headers, **signed},
                timeouts=submission.timeouts,
                wire=submission.wire,
                read=lambda response: answer_of(response, self._now()),
            )
        except Unfillable as error:
            return _refused(Reason.UNSUPPORTED, error)
        except ForbiddenAddress as error:
            return _refused(Reason.DESTINATION_UNSUPPORTED, error)

    async def aclose(self) -> None:
        """Close the session that connects to public addresses only."""
        await self._guarded.close()


def _refused(reason: Reason, error: Exception) -> Answer:
    return Answer(outcome=Outcome.REJECTED, reason=reason, text=str(error))
