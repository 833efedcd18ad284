"""A regular expression that could keep a process busy is refused at load."""

import re
from time import perf_counter

import pytest

from notify_core.patterns import LONGEST_SEARCHED, longest_searched, pattern_fault

SLOW = [
    ("(a+)+", "repeats a group in which something repeats or is chosen"),
    ("(?:a|b)*", "repeats a group in which something repeats or is chosen"),
    ("(?:a?){2,5}", "repeats a group in which something repeats or is chosen"),
    (r"(.)\1", "refers to what a group found"),
    ("(?P<a>.)(?P=a)", "refers to what a group found"),
    ("a*a*a*b", "repeats or chooses so often"),
    ("^a*a*a*a*b", "repeats or chooses so often"),
    ("a*?a*?a*?b", "repeats or chooses so often"),
    ("a{0,300}a{0,300}a{0,300}b", "repeats or chooses so often"),
    ("(a*){3}b", "repeats or chooses so often"),
    ("(?:a?){30}a{30}", "repeats or chooses so often"),
    (f"{'a?' * 30}{'a' * 30}", "repeats or chooses so often"),
    (f"{'(a|a)' * 30}b", "repeats or chooses so often"),
    ("^a*a*a*b|a*a*a*b", "repeats or chooses so often"),
    ("(?#()a*a*a*b", "repeats or chooses so often"),
]
#: With the value that it is slow on.
QUICK = [
    ("", "a"),
    ("^login-", "a"),
    (r"@example\.com$", "@"),
    (r"^\+86(13|15|18)[0-9]{9}$", "1"),
    ("^(CN|US|GB|FR|DE|IT|ES|PT|NL|BE|LU|AT|CH|DK|SE|NO|FI|PL)$", "C"),
    ("^[a-z]+-[a-z]+-[0-9]+$", "a"),
    ("foo.*bar.*baz", "foobar"),
    ("(?i)^x(?:yz)+", "xyz"),
    ("(?:a*)?b", "a"),
    ("^[(a+)+|]+(?:ab){2,}(c+)?", "ab"),
    ("a*a*[ab]{8}c", "a"),
    ("^a*a*a*[ab]{8}c", "a"),
    (f"{'(?:a|a)' * 12}b", "a"),
]


@pytest.mark.parametrize(("pattern", "why"), SLOW)
def test_an_expression_that_may_take_long_is_refused(pattern: str, why: str) -> None:
    fault = pattern_fault(pattern)

    assert fault is not None
    assert fault.startswith(why)


@pytest.mark.parametrize(("pattern", "part"), QUICK)
def test_an_expression_that_is_used_is_quick_on_the_longest_value(
    pattern: str, part: str
) -> None:
    value = (part * LONGEST_SEARCHED)[:LONGEST_SEARCHED]
    assert pattern_fault(pattern) is None
    begun = perf_counter()

    re.search(pattern, value)

    assert perf_counter() - begun < 5


def test_what_is_no_expression_is_told_as_such() -> None:
    assert str(pattern_fault("(")).startswith("is no regular expression: ")


@pytest.mark.parametrize(("pattern", "part"), QUICK)
def test_an_expression_is_quick_on_the_longest_value_that_it_is_looked_for_in(
    pattern: str, part: str
) -> None:
    size = longest_searched(pattern)
    value = (part * size)[:size]
    begun = perf_counter()

    re.search(pattern, value)

    assert size >= LONGEST_SEARCHED
    assert perf_counter() - begun < 5


def test_the_more_an_expression_repeats_the_shorter_its_values_are() -> None:
    patterns = ["^[0-9]{4,8}$", "[0-9]+x", "^a*a*a*b", "(a+)+"]

    assert list(map(longest_searched, patterns)) == [100_000, 3_000, 320, 320]
