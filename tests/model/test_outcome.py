import pytest

from notify_core.model.outcome import RULES, Disposition, Reason, Rule, Scope, rule_for

STOP = Rule(disposition=Disposition.STOP)
SETTLE = Rule(disposition=Disposition.SETTLE)
ACCOUNT = Rule(disposition=Disposition.ACCOUNT)
FAILOVER = Rule(disposition=Disposition.FAILOVER)
FAILOVER_THEN_RETRY = Rule(disposition=Disposition.FAILOVER, retries=True)

#: What the design says of every reason.
TABLE = {
    "none": STOP,
    "connect_failed": FAILOVER_THEN_RETRY,
    "no_response": SETTLE,
    "server_error": SETTLE,
    "interrupted": SETTLE,
    "provider_error": FAILOVER_THEN_RETRY,
    "throttled": Rule(disposition=Disposition.RETRY, retries=True, fails_over=True),
    "recipient_rate_limited": Rule(disposition=Disposition.RETRY, needs_retry_at=True),
    "quota_exhausted": ACCOUNT,
    "insufficient_balance": ACCOUNT,
    "auth_failed": ACCOUNT,
    "access_denied": ACCOUNT,
    "sender_rejected": FAILOVER,
    "template_rejected": FAILOVER,
    "template_params_invalid": Rule(
        disposition=Disposition.FAILOVER, other_binding=True
    ),
    "content_rejected": STOP,
    "content_invalid": STOP,
    "recipient_invalid": STOP,
    "recipient_blocked": STOP,
    "recipient_opted_out": STOP,
    "recipient_unreachable": STOP,
    "carrier_rejected": STOP,
    "destination_unsupported": FAILOVER,
    "unsupported": FAILOVER,
    "duplicate_request": STOP,
    "invalid_request": FAILOVER,
    "unmapped": Rule(disposition=Disposition.FAILOVER, most=1),
    "no_provider": STOP,
    "expired": STOP,
    "deadline_exceeded": STOP,
    "canceled": STOP,
    "policy_duplicate": STOP,
    "policy_blocked": STOP,
    "policy_rate_limited": STOP,
    "policy_quiet_hours": STOP,
    "policy_content": STOP,
    "policy_sandbox": STOP,
}


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_the_rule_that_the_design_gives_it(reason: Reason) -> None:
    assert RULES[reason] == TABLE[reason.value]


def test_there_is_no_reason_that_the_design_does_not_name() -> None:
    assert {reason.value for reason in Reason} == set(TABLE)


@pytest.mark.parametrize("reason", Reason)
def test_a_sender_or_template_unusable_for_all_is_the_accounts_fault(
    reason: Reason,
) -> None:
    is_scoped = reason in (Reason.SENDER_REJECTED, Reason.TEMPLATE_REJECTED)

    assert rule_for(reason, Scope.MESSAGE) == RULES[reason]
    assert rule_for(reason, Scope.UNIT) == (ACCOUNT if is_scoped else RULES[reason])


@pytest.mark.parametrize("reason", ["no_response", "server_error", "interrupted"])
def test_what_may_have_been_processed_never_buys_a_second_message(reason: str) -> None:
    rule = RULES[Reason(reason)]

    assert rule.disposition is Disposition.SETTLE
    assert not rule.retries
    assert not rule.fails_over
