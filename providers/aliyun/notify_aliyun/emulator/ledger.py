"""Charges accepted messages, numbers them, and tells of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from itertools import count
from typing import Any

from notify_aliyun.emulator.calls import Call
from notify_aliyun.emulator.checks import mainland, sendings
from notify_core.testing.emulator import Arrival

_SHANGHAI = timezone(timedelta(hours=8))
_DELIVERED = {"delivered": "DELIVERED", "failed": "MOBILE_NOT_ON_SERVICE"}
_WAITING, _FAILED, _ARRIVED = 1, 2, 3
_ONE_PART, _LONG_PART = 70, 67


def vendor_time(at: float) -> str:
    """Return `2017-01-01 00:00:00`, the time in Shanghai."""
    return datetime.fromtimestamp(at, _SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def vendor_code(outcome: str) -> str:
    """Return the code of a receipt: `DELIVERED`, or why not."""
    return _DELIVERED.get(outcome, outcome)


def is_delivered(outcome: str) -> bool:
    """Whether a receipt with this outcome says that the message arrived."""
    return vendor_code(outcome) == _DELIVERED["delivered"]


class Ledger:
    """Accepts calls that have passed the checks."""

    def __init__(self) -> None:
        self._serials = count(1)

    def accept(self, call: Call) -> tuple[Arrival, ...]:
        """Charge *call* and return what arrives, all under one BizId."""
        account = call.known_account()
        account.balance -= len(call.numbers)
        for sending in sendings(call):
            account.limits.take(sending)
        # As 900619746936498440^0: the vendor's ids have such a tail.
        biz_id = f"{int(call.now):010d}{next(self._serials):08d}^0"
        return tuple(self._arrival(call, number, biz_id) for number in call.numbers)

    def _arrival(self, call: Call, number: str, biz_id: str) -> Arrival:
        sign = call.param("SignName")
        text = f"【{sign}】{call.text}"
        return Arrival(
            id=biz_id,
            to=mainland(number) or number,
            text=text,
            at=call.now,
            account=call.proof["Credential"],
            sender=sign,
            template=call.known_template().code,
            reference=call.param("OutId"),
            segments=parts(text),
        )


def parts(text: str) -> int:
    """Return how many messages *text* is: 70 characters, then 67 a part."""
    return 1 if len(text) <= _ONE_PART else -(-len(text) // _LONG_PART)


def details(call: Call, arrivals: Iterable[Arrival]) -> dict[str, Any]:
    """Return what QuerySendDetails tells, newest first."""
    found = [arrival for arrival in arrivals if _is_asked_for(call, arrival)]
    size, page = int(call.param("PageSize")), int(call.param("CurrentPage"))
    shown = found[::-1][(page - 1) * size : page * size]
    return {
        "TotalCount": len(found),
        "SmsSendDetailDTOs": {"SmsSendDetailDTO": [_row(arrival) for arrival in shown]},
    }


def _is_asked_for(call: Call, arrival: Arrival) -> bool:
    day = datetime.fromtimestamp(arrival.at, _SHANGHAI).strftime("%Y%m%d")
    return (
        arrival.account == call.proof["Credential"]
        and arrival.to == call.param("PhoneNumber")
        and day == call.param("SendDate")
        and call.param("BizId") in ("", arrival.id)
    )


def _row(arrival: Arrival) -> dict[str, Any]:
    status = _WAITING
    if arrival.receipt:
        status = _ARRIVED if is_delivered(arrival.receipt) else _FAILED
    return {
        "PhoneNum": arrival.to,
        "SendStatus": status,
        "ErrCode": vendor_code(arrival.receipt),
        "TemplateCode": arrival.template,
        "Content": arrival.text,
        "SendDate": vendor_time(arrival.at),
        "ReceiveDate": vendor_time(arrival.at) if arrival.receipt else "",
        "OutId": arrival.reference,
    }
