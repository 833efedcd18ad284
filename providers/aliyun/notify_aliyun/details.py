"""Reads what QuerySendDetails tells of a message.

Source: "QuerySendDetails - 查询短信发送详情",
https://help.aliyun.com/zh/sms/developer-reference/api-dysmsapi-2017-05-25-querysenddetails.
A number and a day are asked for, at most 50 messages; each gives our `OutId` back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from notify_aliyun.codes import delivery
from notify_aliyun.phones import address
from notify_aliyun.times import vendor_time
from notify_core.model.attempt import Attempt
from notify_core.model.outcome import Reason
from notify_core.model.receipt import Receipt
from notify_core.model.status import AttemptState

_MOST = "50"
#: `SendStatus` of a message whose fate is known, and whether it arrived.
_ENDED = {2: False, 3: True}
_WAITING = 1

Row = Mapping[str, Any]


def details_params(attempt: Attempt, number: str, day: str) -> dict[str, str]:
    """Return the parameters that ask for an attempt to send to *number* on *day*."""
    params = {
        "PhoneNumber": number,
        "SendDate": day,
        "PageSize": _MOST,
        "CurrentPage": "1",
    }
    return params | ({"BizId": attempt.provider_id} if attempt.provider_id else {})


def read_details(fields: Mapping[str, Any], attempt: Attempt) -> Receipt | None:
    """Return what became of *attempt*; None when the answer does not tell."""
    mine = [row for row in _rows(fields) if str(row.get("OutId")) == attempt.reference]
    if not mine:
        return None
    return _receipt(max(mine, key=lambda row: str(row.get("SendDate"))), attempt)


def _rows(fields: Mapping[str, Any]) -> Iterator[Row]:
    outer = fields.get("SmsSendDetailDTOs")
    rows = outer.get("SmsSendDetailDTO") if isinstance(outer, dict) else None
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict):
            yield row


def _receipt(row: Row, attempt: Attempt) -> Receipt | None:
    code = str(row.get("ErrCode") or "")
    status = row.get("SendStatus")
    if status == _WAITING:
        state, reason = AttemptState.ACCEPTED, Reason.NONE
    elif status in _ENDED:
        state, reason = delivery(code, delivered=_ENDED[status])
    else:
        return None
    return Receipt(
        state=state,
        reason=reason,
        provider_id=attempt.provider_id,
        reference=attempt.reference,
        recipient=address(str(row.get("PhoneNum") or "")),
        code=code or None,
        at=vendor_time(row.get("ReceiveDate")),
        submitted_at=vendor_time(row.get("SendDate")),
    )
