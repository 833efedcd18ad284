"""The tests of a configuration, collected by pytest."""

import pytest

CONFIG = """
version: 1
providers: {screen: {type: console}}
routes: {pool: screen}
tests:
  - name: it is accepted
    given: {to: "+8613800138000", content: {text: Hello.}}
    expect: {status: accepted}
  - name: it is refused
    given: {to: "+8613800138000", content: {text: Hello.}}
    expect: {status: rejected}
"""
SETTINGS = """
[pytest]
testpaths = tests
notify_configs = notify.yaml
"""


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess("-p", "no:asyncio", *arguments)


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with a configuration beside its tests."""
    pytester.makeini(SETTINGS)
    pytester.makefile(".yaml", notify=CONFIG)
    pytester.mkdir("tests").joinpath("test_own.py").write_text("def test_own(): pass")
    return pytester


def test_a_named_configuration_has_an_item_for_each_test(
    project: pytest.Pytester,
) -> None:
    result = run(project, "-v", "notify.yaml")

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["notify.yaml::it is accepted PASSED*"])


def test_a_failure_is_told_without_a_trace(project: pytest.Pytester) -> None:
    result = run(project, "notify.yaml")

    result.stdout.fnmatch_lines(
        [
            "*_ it is refused _*",
            "status: expected rejected, got accepted",
            "tried: screen accepted",
            "Message  sms, notice, to +86138[*][*][*][*]8000, at 2026-01-01T12:00:00*",
            "FAILED notify.yaml::it is refused - status: expected rejected*",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_run_of_all_tests_has_those_of_the_configuration(
    project: pytest.Pytester,
) -> None:
    result = run(project)

    result.assert_outcomes(passed=2, failed=1)


def test_other_files_are_left_alone(project: pytest.Pytester) -> None:
    result = run(project, "tests")

    result.assert_outcomes(passed=1)


def test_a_file_of_the_right_name_need_not_be_named(pytester: pytest.Pytester) -> None:
    pytester.makefile(".notify.yaml", shop=CONFIG)

    result = run(pytester)

    result.assert_outcomes(passed=1, failed=1)


def test_a_configuration_that_cannot_be_used_is_told_with_every_problem(
    pytester: pytest.Pytester,
) -> None:
    pytester.makefile(
        ".notify.yaml", shop=CONFIG.replace("pool: screen", "pool: scren")
    )

    result = run(pytester)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["*routes.pool 'scren' is no pool or provider; did you mean 'screen'?"]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
