"""What every provider must do."""

import json

import attrs
from notify_aliyun.provider_type import ALIYUN

from notify_core.secret import Secret
from notify_core.testing.contract import HttpProviderContract
from notify_core.testing.wire_table import HttpAnswer

RECEIPT = {"success": True, "err_code": "DELIVERED", "biz_id": "1^0", "out_id": "01K"}
REPLY = {"content": "T", "dest_code": "1234", "sequence_id": "1234567890"}
PHONE = {"phone_number": "13811110000", "send_time": "2017-01-01 00:00:00"}
REVIEW = {"template_code": "SMS_1", "template_status": "rejected", "reason": "test"}


class TestAliyun(HttpProviderContract):
    provider_type = ALIYUN
    unknown_code = "isv.NOBODY_KNOWS"
    pushes = tuple(
        json.dumps([item]).encode() for item in (RECEIPT | PHONE, REPLY | PHONE, REVIEW)
    )

    def settings(self, base_url):
        return {
            "base_url": base_url,
            "access_key_id": "YourAccessKeyId",
            "access_key_secret": Secret("a-secret-of-the-tests"),
            "sign_name": "阿里云",
        }

    def answer(self, code):
        status = 200 if code.startswith(("OK", "isv", "isp")) else 400
        told = {"Code": code, "Message": "words", "RequestId": "1", "BizId": "9^0"}
        return HttpAnswer(status=status, body=json.dumps(told).encode())

    def extended(self, request):
        items = [item | {"unheard_of": "1"} for item in json.loads(request.body)]
        return attrs.evolve(request, body=json.dumps(items).encode())
