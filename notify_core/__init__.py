"""One message model, any provider."""

from notify_core.plugins import hookimpl

__all__ = ["hookimpl"]
