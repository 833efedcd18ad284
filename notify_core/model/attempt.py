"""One request to one provider."""

from __future__ import annotations

from datetime import datetime

import attrs

from notify_core.model.outcome import Outcome, Reason, Scope
from notify_core.model.status import AttemptState


@attrs.frozen(kw_only=True)
class Answer:
    """What a provider said to one submission, in neutral words."""

    #: How the attempt ended.
    outcome: Outcome
    #: Why; `none` when accepted.
    reason: Reason = Reason.NONE
    #: Whether a rejected sender or template is unusable for this message or for all.
    scope: Scope = Scope.MESSAGE
    #: The vendor's own code, `4085`; None when there was none.
    code: str | None = None
    #: The vendor's own words.
    text: str | None = None
    #: The vendor's id of the message; receipts name it.
    provider_id: str | None = None
    #: When the vendor says that it may be asked again.
    retry_at: datetime | None = None
    #: A refusal that a request made afresh may cure (a stale clock): repeated once.
    repeatable: bool = False
    #: Billable parts, where the vendor tells; None: the provider type counts them.
    segments: int | None = None


@attrs.frozen(kw_only=True)
class Attempt:
    """One request to one provider, as recorded and shown."""

    #: From 1, over all providers of the message.
    number: int
    #: Name of the configured provider.
    provider: str
    #: What identifies the account at the vendor; receipts match in its scope.
    account: str
    #: How far it got.
    state: AttemptState
    #: How it ended; None while it runs.
    outcome: Outcome | None = None
    #: Why.
    reason: Reason = Reason.NONE
    #: Whether a rejected sender or template is unusable for this message or for all.
    scope: Scope = Scope.MESSAGE
    #: The vendor's own code.
    code: str | None = None
    #: The vendor's own words, with numbers and addresses masked.
    text: str | None = None
    #: The vendor's id of the message.
    provider_id: str | None = None
    #: What we called the message towards the vendor.
    reference: str | None = None
    #: When it started, with time zone.
    started_at: datetime
    #: Seconds from start to answer; None while it runs.
    duration: float | None = None
    #: When the vendor says that it may be asked again.
    retry_at: datetime | None = None
    #: A refusal that a request made afresh may cure.
    repeatable: bool = False
    #: Billable parts, as the provider counts; 0 unless accepted.
    segments: int = 0
    #: Hash of the configuration that it ran under.
    config: str = ""
