"""Parameters are checked by their schema, however fast."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from notify_core.template.params import ParamsCheck, allowed

STRINGS = {
    "code": {"type": "string", "pattern": "^[0-9]{4,8}$"},
    "name": {"type": "string", "minLength": 1, "maxLength": 3, "title": "Name"},
    "note": {"type": "string"},
}
FLAT = {
    "type": "object",
    "properties": STRINGS,
    "required": ["code"],
    "additionalProperties": False,
}
SCHEMAS: tuple[dict[str, Any], ...] = (
    {},
    {"type": "object"},
    FLAT,
    {**FLAT, "additionalProperties": True},
    {**FLAT, "required": []},
    {**FLAT, "minProperties": 2},
    {**FLAT, "properties": {**STRINGS, "name": {"type": "integer"}}},
    {**FLAT, "properties": {**STRINGS, "name": True}},
    {
        **FLAT,
        "properties": {**STRINGS, "name": {"type": "string", "enum": ["x"]}},
    },
)
VALUES = st.none() | st.integers() | st.booleans() | st.text(max_size=5)
PARAMS = st.dictionaries(st.sampled_from(["code", "name", "note", "x"]), VALUES) | (
    st.fixed_dictionaries(
        {"code": st.from_regex("[0-9]{3,9}", fullmatch=True)},
        optional={"name": st.text(max_size=4), "note": st.text()},
    )
)


@given(st.sampled_from(SCHEMAS), PARAMS)
def test_the_direct_checks_say_what_the_schema_library_says(
    schema: dict[str, Any], params: dict[str, Any]
) -> None:
    is_valid = Draft202012Validator(schema).is_valid(params)

    assert (ParamsCheck(schema).problems(params) == []) is is_valid


@pytest.mark.parametrize(
    ("params", "pointer", "said"),
    [
        ({}, "/params/code", "is missing"),
        ({"code": "x"}, "/params/code", "does not satisfy pattern: '^[0-9]{4,8}$'"),
        ({"code": "1234", "name": ""}, "/params/name", "does not satisfy minLength: 1"),
        ({"code": "1234", "x": 1}, "/params/x", "there are: code, name, note"),
        ({"code": "1234", "nmae": 1}, "/params/nmae", "did you mean 'name'?"),
        ({"code": "1234", "a/b": 1}, "/params/a~1b", "is unknown"),
    ],
)
def test_a_fault_says_where_and_what_without_the_value(
    params: dict[str, Any], pointer: str, said: str
) -> None:
    (problem,) = ParamsCheck(FLAT).problems(params)

    assert problem.pointer == pointer
    assert said in problem.message


def test_every_fault_is_told() -> None:
    problems = ParamsCheck(FLAT).problems({"code": "s3cret", "name": "s3cret", "x": 1})

    assert len(problems) == 3
    assert "s3cret" not in str(problems)


def test_a_place_deep_inside_is_named() -> None:
    schema = {"properties": {"items": {"items": {"type": "string"}}}}

    (problem,) = ParamsCheck(schema).problems({"items": ["a", 1]})

    assert problem.pointer == "/params/items/1"


def test_the_values_that_a_parameter_may_have_are_picked_out() -> None:
    schema = {**FLAT, "properties": {**STRINGS, "name": {"$ref": "#/$defs/short"}}}
    schema["$defs"] = {"short": {"type": "string", "maxLength": 2}}

    assert list(allowed(schema, "name", ["a|", "abc", 1])) == ["a|"]
    assert list(allowed(schema, "code", ["12345", "1|23"])) == ["12345"]


def test_of_many_unknown_names_some_are_told_short_and_masked() -> None:
    params: dict[str, Any] = {"code": "1234", "+8613800138000": 1, "x" * 999: 1}
    params |= {f"n{number}": 1 for number in range(9999)}

    problems = ParamsCheck(FLAT).problems(params)

    assert len(problems) == 20
    assert problems[0].pointer == "/params/+86138****8000"
    assert problems[1].pointer == f"/params/{'x' * 64}"


#: An expression, with the longest value in which it is looked for.
SEARCHED = [("^[a-z]*$", 100_000), ("[a-z]+X", 3_000), ("^a*a*a*b", 320)]


@pytest.mark.parametrize("more", [{}, {"enum": ["a" * 100_001]}], ids=["flat", "other"])
@pytest.mark.parametrize(("pattern", "most"), SEARCHED)
def test_a_value_that_is_too_long_to_search_is_refused_before(
    pattern: str, most: int, more: dict[str, Any]
) -> None:
    text = {"type": "string", "pattern": pattern, **more}
    checked = ParamsCheck({**FLAT, "properties": {"code": text}})

    (problem, *_) = checked.problems({"code": "a" * (most + 1)})

    assert problem.pointer == "/params/code"
    assert problem.message.startswith(f"is longer than {most} characters")


def test_a_value_is_searched_up_to_that_length() -> None:
    text = {"type": "string", "pattern": "^[a-z]*$"}
    checked = ParamsCheck({**FLAT, "properties": {"code": text}})

    assert checked.problems({"code": "a" * 100_000}) == []


def test_a_name_that_is_too_long_to_search_is_refused_before() -> None:
    schema: dict[str, Any] = {
        "properties": {"x": {"patternProperties": {"[a-z]+X": {}}}}
    }

    (problem,) = ParamsCheck(schema).problems({"x": [{"a" * 321: 1}]})

    assert problem.pointer == f"/params/x/0/{'a' * 64}"
    assert problem.message == "is a name of more than 320 characters"
