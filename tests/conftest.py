"""What most tests start from."""

import pytest

from notify_core.testing import FakeVendor
from tests.builders import Seen


@pytest.fixture
def vendor() -> FakeVendor:
    return FakeVendor()


@pytest.fixture
def seen() -> Seen:
    return Seen()
