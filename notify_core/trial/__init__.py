"""What would become of a message: explained, and tried out. Nothing is sent."""

from notify_core.trial.explain import explain
from notify_core.trial.explanation import Explanation
from notify_core.trial.failure import Failure
from notify_core.trial.route_tests import failures

__all__ = ["Explanation", "Failure", "explain", "failures"]
