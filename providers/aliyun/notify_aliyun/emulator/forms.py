"""The vendor's pushes: JSON arrays, unsigned."""

from __future__ import annotations

import json
from typing import Any

from notify_aliyun.emulator.ledger import parts
from notify_aliyun.emulator.receipts import is_delivered, vendor_code, vendor_time
from notify_core.testing.emulator import PushRequest, Reply, Report

_HEADERS = {"Content-Type": "application/json;charset=utf-8"}
_OK = 200
_WORDS = {"DELIVERED": "用户接收成功"}


def receipt_form(url: str, report: Report) -> PushRequest:
    """Return the push of a delivery receipt (SmsReport)."""
    code, arrival = vendor_code(report.outcome), report.arrival
    item = {
        "phone_number": report.to,
        "send_time": vendor_time(arrival.at if arrival else report.at),
        "report_time": vendor_time(report.at),
        "success": is_delivered(report.outcome),
        "err_code": code,
        "err_msg": _WORDS.get(code, code),
        "sms_size": str(parts(arrival.text) if arrival else 1),
        "biz_id": report.id,
        "out_id": arrival.reference if arrival else "",
    }
    return _form("receipt", url, item, message=report.id, to=report.to)


def reply_form(url: str, reply: Reply, sequence: int) -> PushRequest:
    """Return the push of an uplink reply (SmsUp)."""
    item = {
        "phone_number": reply.to,
        "content": reply.text,
        "send_time": vendor_time(reply.at),
        "dest_code": "1234",
        "sequence_id": str(sequence),
    }
    return _form("reply", url, item, to=reply.to)


def review_form(url: str, template: str, *, approved: bool) -> PushRequest:
    """Return the push of a template's review (TemplateSmsReport)."""
    item = {
        "template_code": template,
        "template_status": "approved" if approved else "rejected",
        "reason": "" if approved else "模板不规范",
    }
    return _form("template", url, item)


def is_acknowledged(status: int, body: bytes) -> bool:
    """Whether the receiver gave the answer that the vendor's pages show."""
    try:
        told = json.loads(body)
    except ValueError:
        return False
    code = told.get("code") if isinstance(told, dict) else None
    return status == _OK and isinstance(code, int)


def _form(
    kind: str, url: str, item: dict[str, Any], *, message: str = "", to: str = ""
) -> PushRequest:
    body = json.dumps([item], ensure_ascii=False).encode()
    return PushRequest(
        kind=kind, url=url, headers=_HEADERS, body=body, message=message, to=to
    )
