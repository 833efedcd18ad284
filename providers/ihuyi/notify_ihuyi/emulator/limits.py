"""What one number may get of one account (the vendor's guide)."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Callable

import attrs

from notify_ihuyi.emulator.codes import Refusal
from notify_ihuyi.emulator.settings import Limits

_MINUTE = 60.0
_SHANGHAI = 8 * 3600
_DAY = 24 * 3600
#: Texts and times remembered for one number, if the limits are that high.
_MOST = 100


@attrs.frozen(kw_only=True)
class Sending:
    """One message to one number, as far as the limits care."""

    number: str
    text: str = attrs.field(repr=False)
    is_verification: bool
    #: Unix seconds.
    now: float


@attrs.define
class Usage:
    """What one number got lately."""

    second: int = -1
    in_second: int = 0
    day: int = -1
    today: int = 0
    verification_today: int = 0
    texts_today: Counter[int] = attrs.Factory(Counter)
    recent: deque[tuple[float, int]] = attrs.Factory(lambda: deque(maxlen=_MOST))

    def turn(self, now: float) -> None:
        """Forget the seconds and the days that are over."""
        second, day = int(now), int(now + _SHANGHAI) // _DAY
        if second != self.second:
            self.second, self.in_second = second, 0
        if day != self.day:
            self.day, self.today, self.verification_today = day, 0, 0
            self.texts_today.clear()
        while self.recent and self.recent[0][0] <= now - _MINUTE:
            self.recent.popleft()

    def take(self, sending: Sending) -> None:
        """Count an accepted message."""
        text = hash(sending.text)
        self.in_second += 1
        self.today += 1
        self.verification_today += sending.is_verification
        self.recent.append((sending.now, text))
        if len(self.texts_today) < _MOST or text in self.texts_today:
            self.texts_today[text] += 1


def _identical_now(usage: Usage, sending: Sending) -> int:
    text = hash(sending.text)
    return sum(text == other for _, other in usage.recent)


#: Code, the setting, and how much is used of it, in the order of the checks.
_RULES: tuple[tuple[int, str, Callable[[Usage, Sending], int]], ...] = (
    (4080, "per_second", lambda usage, _: usage.in_second),
    (4086, "identical_per_minute", _identical_now),
    (4082, "per_day", lambda usage, _: usage.today),
    (
        4085,
        "verification_per_day",
        lambda usage, sending: sending.is_verification and usage.verification_today,
    ),
    (
        4084,
        "identical_per_day",
        lambda usage, sending: usage.texts_today[hash(sending.text)],
    ),
    (408, "blacklist_after", lambda usage, _: usage.today),
)


class NumberLimits:
    """The usage of the *keep* numbers that were used last."""

    def __init__(self, limits: Limits, keep: int) -> None:
        self._rules = [
            (code, getattr(limits, name), used)
            for code, name, used in _RULES
            if getattr(limits, name) is not None
        ]
        self._keep = keep
        self._usages: OrderedDict[str, Usage] = OrderedDict()

    def refusal(self, sending: Sending) -> Refusal | None:
        """Return why the number may not get this message now."""
        usage = self._usages.get(sending.number)
        if usage is None:
            return None
        usage.turn(sending.now)
        for code, limit, used in self._rules:
            if used(usage, sending) >= limit:
                return Refusal(code, limit)
        return None

    def take(self, sending: Sending) -> None:
        """Count an accepted message."""
        usage = self._usages.pop(sending.number, None) or Usage()
        self._usages[sending.number] = usage
        usage.turn(sending.now)
        usage.take(sending)
        if len(self._usages) > self._keep:
            self._usages.popitem(last=False)
