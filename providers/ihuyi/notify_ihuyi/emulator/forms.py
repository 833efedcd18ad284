"""The vendor's pushes, form-encoded and unsigned (API document v3.3 of 2018-05-16)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from urllib.parse import urlencode

from notify_core.testing.emulator import PushRequest, Reply, Report
from notify_ihuyi.emulator.products import Product

_SHANGHAI = timezone(timedelta(hours=8))
_HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}

#: No document lists the failure codes of receipts: 0 is this emulator's choice.
_OUTCOMES = {"delivered": ("2", "接收成功"), "failed": ("0", "接收失败")}


def receipt_form(url: str, product: Product, report: Report) -> PushRequest:
    """Return the push of a delivery receipt (回执)."""
    code, words = _OUTCOMES.get(report.outcome, (report.outcome, report.outcome))
    fields = {
        "code": code,
        "msg": words,
        "mobilephone": report.to,
        product.id_field: report.id,
        "report_time": _vendor_time(report.at),
    }
    return _form("receipt", url, fields, message=report.id, to=report.to)


def reply_form(url: str, reply: Reply, message: str) -> PushRequest:
    """Return the push of an uplink reply (上行)."""
    fields = {
        "mobilephone": reply.to,
        "content": reply.text,
        "smsid": message,
        "reply_time": _vendor_time(reply.at),
    }
    return _form("reply", url, fields, message=message, to=reply.to)


def template_form(url: str, template_id: str, *, approved: bool) -> PushRequest:
    """Return the push of a template's audit."""
    code, words = ("2", "审核通过") if approved else ("0", "审核不通过")
    fields = {"code": code, "msg": words, "templateid": template_id}
    return _form("template", url, fields)


def _form(
    kind: str, url: str, fields: dict[str, str], *, message: str = "", to: str = ""
) -> PushRequest:
    body = urlencode(fields).encode()
    return PushRequest(
        kind=kind, url=url, headers=_HEADERS, body=body, message=message, to=to
    )


def _vendor_time(at: float) -> str:
    return datetime.fromtimestamp(at, _SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
