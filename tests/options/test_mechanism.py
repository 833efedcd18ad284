"""A test of an option that says nothing about the option fails."""

import pytest

WRITTEN = """
import pytest
from notify_core.config import load
from notify_core.plugins import Plugins
from notify_core.testing import FakeVendor

CHINA = {"defaults": {"region": "CN"}}


def region(**sections):
    providers = {"a": {"type": "fake"}}
    least = {"version": 1, "providers": providers, "routes": {"pool": "a"}}
    return load({**least, **sections}, Plugins(extra={"fake": FakeVendor()})).region


@pytest.mark.option("defaults.region")
def test_sees_it():
    assert region(**CHINA) == "CN"


@pytest.mark.option("defaults.region", instead="GB")
def test_sees_that_it_is_another():
    assert region(**CHINA) == "CN"


@pytest.mark.option("defaults.region")
def test_does_not_see_it():
    region(**CHINA)


@pytest.mark.option("defaults.region")
def test_does_not_have_it():
    region()


@pytest.mark.option("providers.*.type")
def test_cannot_go_without_it():
    region()
"""


def test_a_marked_test_has_to_miss_its_option(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(WRITTEN)
    scope = "asyncio_default_fixture_loop_scope=function"

    result = pytester.runpytest_inprocess("-p", "tests.options.conftest", "-o", scope)

    result.assert_outcomes(passed=7, failed=3)
    result.stdout.fnmatch_lines(
        [
            "*passes without defaults.region",
            "*the test's configuration has no defaults.region",
            "*KeyError*",
        ]
    )
