"""What every provider must do, as tests to inherit.

    class TestAcme(HttpProviderContract):
        provider_type = ACME

        def settings(self, base_url):
            return {"base_url": base_url, "token": Secret("a-token-of-the-tests")}

        def answer(self, code):
            return HttpAnswer(body=b'{"code": "%s", "id": "42"}' % code.encode())

The tests need pytest, pytest-asyncio in `auto` mode and trustme. With
`pytest.register_assert_rewrite("notify_core.testing")` in a conftest their failures
show values.
"""

from notify_core.testing.contract.declaration import DeclarationContract
from notify_core.testing.contract.http import HttpContract
from notify_core.testing.contract.pushes import PushContract
from notify_core.testing.contract.work import WorkContract

__all__ = ["HttpProviderContract", "ProviderContract"]


class ProviderContract(DeclarationContract, WorkContract, PushContract):
    """What holds for a provider of any kind.

    A vendor that is not called by HTTP also overrides the fixture `vendor`.
    """


class HttpProviderContract(HttpContract, ProviderContract):
    """What holds for a provider that calls its vendor by HTTP."""
