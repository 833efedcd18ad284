"""What every provider must do."""

import json

from notify_acme.provider_type import ACME

from notify_core import Secret
from notify_core.testing import HttpAnswer, HttpProviderContract


class TestAcme(HttpProviderContract):
    provider_type = ACME
    unknown_code = "new_and_strange"

    def settings(self, base_url):
        token = Secret("a-token-of-the-tests")
        return {"base_url": base_url, "account": "1001", "token": token}

    def answer(self, code):
        return HttpAnswer(body=json.dumps({"code": code, "id": "42"}).encode())
