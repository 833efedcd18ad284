"""A policy for notify-core: nothing goes out on days off."""

from notify_core import hookimpl
from notify_core.policy.policy import PolicyType
from notify_working_days.policy import WORKING_DAYS


@hookimpl
def notify_register_policies() -> list[PolicyType]:
    """Offer the policy type `working_days`."""
    return [WORKING_DAYS]
