"""What every provider must do."""

import json
from collections.abc import Mapping
from typing import Any

from notify_ihuyi.provider_type import IHUYI

from notify_core.secret import Secret
from notify_core.testing import HttpAnswer, HttpProviderContract

SMSID = b"16165686731585006595"
AT = b"&%s_time=2017-08-02+14%%3A31%%3A51"


class TestIhuyi(HttpProviderContract):
    provider_type = IHUYI
    balance_answer = HttpAnswer(body=b'{"code":2,"msg":"","num":"42"}')
    pushes = (
        b"code=2&msg=DELIVRD&mobilephone=13800138000&smsid=" + SMSID + AT % b"report",
        b"mobilephone=13800138000&content=TD&smsid=" + SMSID + AT % b"reply",
        b"code=0&msg=no&templateid=7",
    )

    def settings(self, base_url: str) -> Mapping[str, Any]:
        key = Secret("1q784322ba1d9bb88d50cf5cdfd89k7d")
        return {"base_url": base_url, "api_id": "C12345678", "api_key": key}

    def answer(self, code: str) -> HttpAnswer:
        smsid = SMSID.decode() if code == "2" else "0"
        told = {"code": int(code), "msg": "…", "smsid": smsid}
        return HttpAnswer(body=json.dumps(told).encode())


class TestIhuyiInXml(TestIhuyi):
    balance_answer = HttpAnswer(
        body=b"<GetNumResult><code>2</code><num>42</num></GetNumResult>"
    )

    def settings(self, base_url: str) -> Mapping[str, Any]:
        return {**super().settings(base_url), "format": "xml", "password": "static"}

    def answer(self, code: str) -> HttpAnswer:
        told = f"<code>{code}</code>\n<msg>…</msg>\n<smsid>0</smsid>"
        root = f'<SubmitResult xmlns="http://106.ihuyi.com/">\n{told}\n</SubmitResult>'
        head = '<?xml version="1.0" encoding="utf-8"?>\n'
        return HttpAnswer(body=(head + root).encode())
