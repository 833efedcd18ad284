"""Where the public schemas are, and how they are applied."""

import pytest
from referencing.exceptions import Unresolvable

from notify_core.schemas import public_schema, registry, schema_root, validator


def test_every_schema_is_found_by_its_identifier() -> None:
    names = [
        file.name for file in schema_root().iterdir() if file.name.endswith("json")
    ]

    found = [
        public_schema(f"https://notify-core.example/schemas/{name}") for name in names
    ]

    assert len(found) == len(registry()) >= 1
    assert all(schema["description"] for schema in found)


def test_an_unknown_reference_is_an_error_and_nothing_is_fetched() -> None:
    with pytest.raises(Unresolvable):
        validator({"$ref": "https://n.example/other.json"}).is_valid({})


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("^a$", "a", True),
        ("^a$", "a\n", False),
        ("^a", "a\n", True),
        (r"^a\$", "a$", True),
        (r"^a\$", "a$b", True),
        (r"^a\\$", "a\\", True),
        (r"^a\\$", "a\\\n", False),
        ("^a$", 1, True),
    ],
)
def test_the_end_of_a_pattern_is_the_end_of_the_text(
    pattern: str, text: str | int, *, fits: bool
) -> None:
    assert validator({"pattern": pattern}).is_valid(text) is fits


def test_a_missing_key_is_reported_at_its_own_path() -> None:
    checked = validator({"properties": {"a": {"required": ["b", "c"]}}})

    errors = checked.iter_errors({"a": {"c": 1}})

    assert [list(error.absolute_path) for error in errors] == [["a", "b"]]
