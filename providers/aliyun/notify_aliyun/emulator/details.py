"""What QuerySendDetails tells."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from notify_aliyun.emulator.calls import Call
from notify_aliyun.emulator.receipts import (
    SHANGHAI,
    is_delivered,
    vendor_code,
    vendor_time,
)
from notify_core.testing.emulator import Arrival

_WAITING, _FAILED, _DELIVERED = 1, 2, 3


def details(call: Call, arrivals: Iterable[Arrival]) -> dict[str, Any]:
    """Return the fields of the answer; the newest message comes first."""
    found = [arrival for arrival in arrivals if _is_asked_for(call, arrival)]
    size, page = int(call.param("PageSize")), int(call.param("CurrentPage"))
    shown = found[::-1][(page - 1) * size : page * size]
    rows = [_row(call, arrival) for arrival in shown]
    return {
        "TotalCount": len(found),
        "SmsSendDetailDTOs": {"SmsSendDetailDTO": rows},
    }


def _is_asked_for(call: Call, arrival: Arrival) -> bool:
    day = datetime.fromtimestamp(arrival.at, SHANGHAI).strftime("%Y%m%d")
    return (
        arrival.account == call.proof["Credential"]
        and arrival.to == call.param("PhoneNumber")
        and day == call.param("SendDate")
        and call.param("BizId") in ("", arrival.id)
    )


def _outcome(call: Call, arrival: Arrival) -> str:
    """Return what the receipt said, or would have if it were pushed anywhere."""
    settings = call.settings
    is_due = call.now >= arrival.at + settings.receipt_delay
    if arrival.receipt or settings.push_url or not is_due or settings.receipt == "none":
        return arrival.receipt
    return settings.receipt


def _row(call: Call, arrival: Arrival) -> dict[str, Any]:
    outcome = _outcome(call, arrival)
    received = vendor_time(arrival.at + call.settings.receipt_delay)
    status = _DELIVERED if is_delivered(outcome) else _FAILED
    return {
        "PhoneNum": arrival.to,
        "SendStatus": status if outcome else _WAITING,
        "ErrCode": vendor_code(outcome),
        "TemplateCode": arrival.template,
        "Content": arrival.text,
        "SendDate": vendor_time(arrival.at),
        "ReceiveDate": received if outcome else "",
        "OutId": arrival.reference,
    }
