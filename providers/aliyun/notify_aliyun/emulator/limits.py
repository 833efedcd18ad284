"""What one number may get of one account.

Source: "短信发送规则", https://help.aliyun.com/zh/sms/user-guide/message-rules: minutes
and hours are those of the clock, a day is any 24 hours.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable

import attrs

from notify_aliyun.emulator.codes import Refusal
from notify_aliyun.emulator.settings import Limits

_MINUTE, _HOUR, _DAY = 60, 3600, 24 * 3600
_LIMITED = "isv.BUSINESS_LIMIT_CONTROL"
#: Times remembered for one number, if the limits are that high.
_MOST = 100


@attrs.frozen(kw_only=True)
class Sending:
    """One message to one number, as far as the limits care."""

    number: str
    sign: str
    template: str
    is_otp: bool
    #: Unix seconds.
    now: float

    @property
    def counted_with(self) -> tuple[str, ...]:
        """What is counted together."""
        rest = () if self.is_otp else (self.template,)
        return (self.number, self.sign, *rest)


#: Whether a time lies in the window that *now* lies in.
_Within = Callable[[float, float], bool]


def _same_minute(at: float, now: float) -> bool:
    return at // _MINUTE == now // _MINUTE


def _same_hour(at: float, now: float) -> bool:
    return at // _HOUR == now // _HOUR


def _last_day(at: float, now: float) -> bool:
    return now - at < _DAY


class NumberLimits:
    """The times of the messages to the *keep* numbers that were used last."""

    def __init__(self, limits: Limits, keep: int) -> None:
        self._otp: tuple[tuple[str, int | None, _Within], ...] = (
            ("分钟级", limits.per_minute, _same_minute),
            ("小时级", limits.per_hour, _same_hour),
            ("天级", limits.per_day, _last_day),
        )
        self._others = (("天级", limits.others_per_day, _last_day),)
        self._keep = keep
        self._times: OrderedDict[tuple[str, ...], deque[float]] = OrderedDict()

    def refusal(self, sending: Sending) -> Refusal | None:
        """Return why the number may not get this message now."""
        times = self._times.get(sending.counted_with, ())
        for window, limit, within in self._otp if sending.is_otp else self._others:
            if limit is not None and _count(times, within, sending.now) >= limit:
                return Refusal(_LIMITED, f"触发{window}流控Permits:{limit}")
        return None

    def take(self, sending: Sending) -> None:
        """Count an accepted message."""
        key = sending.counted_with
        times = self._times.pop(key, None) or deque(maxlen=_MOST)
        self._times[key] = times
        times.append(sending.now)
        if len(self._times) > self._keep:
            self._times.popitem(last=False)


def _count(times: Iterable[float], within: _Within, now: float) -> int:
    return sum(within(at, now) for at in times)
