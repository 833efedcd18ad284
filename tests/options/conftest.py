"""Runs each marked test again without its option, and wants it to fail then.

A test says which options it is about: `@pytest.mark.option("pools.*.strategy")`.
It runs once as it is, and once for each of them with that option dropped from what is
compiled, after the whole configuration was checked. An option of which nothing can be
compiled when it is left out gets another value: `instead=`.
"""

from collections.abc import Generator, Iterator

import pytest

from notify_core.config import failpoint
from notify_core.errors import NotifyError
from notify_core.testing import FakeVendor
from tests.options.removal import Removal


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marks = list(metafunc.definition.iter_markers("option"))
    if marks:
        names = ["with it", *(f"without {mark.args[0]}" for mark in marks)]
        metafunc.parametrize("without", [None, *marks], indirect=True, ids=names)


@pytest.fixture(autouse=True)
def without(request: pytest.FixtureRequest) -> Iterator[Removal | None]:
    """Drop an option from what is compiled during the test."""
    mark = getattr(request, "param", None)
    removal = None if mark is None else Removal.of(mark)
    token = failpoint.alteration.set(removal)
    yield removal
    failpoint.alteration.reset(token)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(
    pyfuncitem: pytest.Function,
) -> Generator[None, object, object]:
    removal = pyfuncitem.funcargs["without"]
    if not isinstance(removal, Removal):
        return (yield)
    missed: Exception | None = None
    try:
        yield
    except (AssertionError, NotifyError) as error:
        missed = error
    assert removal.happened, f"the test's configuration has no {removal.pattern}"
    assert missed is not None, f"passes without {removal.pattern}"
    return True


@pytest.fixture
def vendor() -> FakeVendor:
    """A vendor that answers as scripted; its type is `fake`."""
    return FakeVendor()
