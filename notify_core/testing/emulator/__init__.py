"""The base of every vendor's emulator: a real HTTP server to test against."""

from notify_core.testing.emulator.arrivals import Arrival, Reply, Report
from notify_core.testing.emulator.base import Emulator
from notify_core.testing.emulator.control import PushKinds
from notify_core.testing.emulator.faults import Do, Fault, Match, Raw
from notify_core.testing.emulator.options import structure
from notify_core.testing.emulator.pushes import Push, PushRequest, PushState, Try
from notify_core.testing.emulator.submissions import Order, Submission, Verdict

__all__ = [
    "Arrival",
    "Do",
    "Emulator",
    "Fault",
    "Match",
    "Order",
    "Push",
    "PushKinds",
    "PushRequest",
    "PushState",
    "Raw",
    "Reply",
    "Report",
    "Submission",
    "Try",
    "Verdict",
    "structure",
]
