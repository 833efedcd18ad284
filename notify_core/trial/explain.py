"""Explains the way of a message: asks what the pipeline asks, and does nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TypedDict

import attrs

from notify_core.config.snapshot import Snapshot
from notify_core.dispatch.accept import accept
from notify_core.dispatch.admit import Admission, admit, needs, scheduled
from notify_core.dispatch.opening import deferred, outlives, placed, recorded
from notify_core.errors import InvalidMessage
from notify_core.estimate import Estimate, estimate
from notify_core.model.masking import masked
from notify_core.model.message import Message
from notify_core.model.outcome import Reason
from notify_core.model.validity import check_is_message
from notify_core.model.verdict import Verdict
from notify_core.outbox.address import MEMORY
from notify_core.outbox.port import Outbox
from notify_core.outbox.record import Record
from notify_core.policy.policy_set import PolicySet
from notify_core.policy.take import Refused
from notify_core.routing.plan import Candidate, Planner
from notify_core.routing.route import Route
from notify_core.routing.tree import Step
from notify_core.trial.counters import Counters
from notify_core.trial.explanation import Explanation, Offer, Opinion
from notify_core.trial.settings import set_of, settings_of


async def explain(
    message: Message,
    planner: Planner,
    now: datetime,
    outbox: Outbox | None = None,
) -> Explanation:
    """Return the way that a message would take; nothing is sent, counted or advanced.

    Args:
        message: As a caller gives it.
        planner: Whose turns and whose health are asked.
        now: The moment, with time zone.
        outbox: Whose counters are asked; None: nothing is known of them.

    Raises:
        InvalidMessage: It is no message at all; what else is wrong is in the answer.
        StoreUnavailable: The counters cannot be asked.
    """
    check_is_message(message)
    snapshot = planner.snapshot
    start = _start(message, snapshot, now)
    try:
        keeps = outbox.durable if outbox else snapshot.storage.url != MEMORY
        checked = accept(message, snapshot, now, keeps=keeps)
        path = snapshot.routes.explain(checked)
    except InvalidMessage as error:
        return attrs.evolve(start, problems=error.problems)
    route = snapshot.routes.by_name[path[-1].route]
    counters = Counters(outbox, now)
    way = _Way(planner=planner, path=path, route=route, counters=counters, keeps=keeps)
    return await way.told(start, recorded(checked, route), now)


def _start(message: Message, snapshot: Snapshot, now: datetime) -> Explanation:
    return Explanation(
        at=now.astimezone(snapshot.timezone),
        to=masked(str(message.to)),
        channel=message.channel,
        template=message.template,
    )


@attrs.frozen(kw_only=True)
class _Way:
    """The way of one message that can be sent."""

    planner: Planner
    path: tuple[Step, ...]
    route: Route
    counters: Counters
    #: A store keeps what is deferred.
    keeps: bool

    async def told(
        self, start: Explanation, record: Record, now: datetime
    ) -> Explanation:
        """Return the explanation, filled in."""
        policies = self.route.policy.admission
        refused = await self.counters.refused(needs(record, policies))
        admission = admit(record, policies, now, refused)
        admission = scheduled(admission, record, policies, now)
        going = placed(record, admission)
        plan = self.planner.preview().plan(going, self.route, now)
        counted = self.counters.counted(record, policies, refused)
        return attrs.evolve(
            start,
            to=record.recipient.masked,
            kind=record.kind,
            path=self.path,
            route=self.route.name,
            settings=tuple(settings_of(self.route, self.planner.snapshot.routes)),
            policies=tuple(_opinions(self.route.policy, record, now, refused)),
            counters=tuple([each async for each in counted]),
            **self._end(record, admission),
            pool=going.instead or self.route.pool.name,
            providers=tuple(map(_offer, plan.candidates)),
            excluded=plan.excluded,
        )

    def _end(self, record: Record, admission: Admission) -> _End:
        """Return what becomes of it: a deferral may come too late."""
        barred, policy = admission.barred, self.route.policy
        if barred is None:
            return _End(verdict=Verdict.ALLOW)
        reason, until = barred.decision.reason, admission.until
        if until is None:
            return _End(verdict=barred.decision.verdict, reason=reason)
        waiting = deferred(record, admission, policy)
        local = until.astimezone(self.planner.snapshot.timezone)
        late = f"it could go at {local.isoformat(timespec='seconds')} only"
        if waiting.is_closed:
            why = f"{late}, and is of no use any more then"
            return _End(verdict=Verdict.REJECT, reason=waiting.reason, why=why)
        if not outlives(waiting, record.deadline, policy, keeps=self.keeps):
            why = f"{late}, and an outbox in memory keeps nothing beyond its deadline"
            return _End(verdict=Verdict.REJECT, reason=reason, why=why)
        return _End(verdict=Verdict.DEFER, reason=reason, until=until)


class _End(TypedDict, total=False):
    """What an explanation says of the policies together."""

    verdict: Verdict
    reason: Reason | None
    why: str
    until: datetime | None


def _opinions(
    policy: PolicySet, record: Record, now: datetime, refused: Refused
) -> Iterator[Opinion]:
    for named in policy.admission:
        decision = named.policy.decide(record, now, refused)
        yield Opinion(
            policy=named.name,
            origin=set_of(policy, named.name),
            verdict=decision.verdict,
            reason=decision.reason,
            until=decision.until,
            why=decision.why,
            instead=decision.instead,
        )


def _offer(candidate: Candidate) -> Offer:
    template = candidate.submission.template
    return Offer(
        provider=candidate.provider.name,
        anyway=candidate.anyway,
        sender=candidate.submission.sender,
        template_id=None if template is None else template.id,
        estimate=_estimate(candidate),
    )


def _estimate(candidate: Candidate) -> Estimate | None:
    try:
        return estimate(candidate.provider, candidate.submission)
    except Exception:  # noqa: BLE001 (a stranger's code must not lose the explanation)
        return None
