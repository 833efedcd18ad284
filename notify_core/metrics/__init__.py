"""What Prometheus is told of notify-core."""

from notify_core.metrics.metrics import Metrics

__all__ = ["Metrics"]
