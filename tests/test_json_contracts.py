"""The schemas and the classes say the same, both ways."""

import json
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, cast

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from notify_core import model
from notify_core.errors import InvalidMessage
from notify_core.model.event import EVENT_TYPES, Event, Match
from notify_core.model.health import HealthState, HealthUnit
from notify_core.model.verdict import Verdict
from notify_core.schemas import registry
from notify_core.wire import from_builtins, to_builtins, to_json
from tests.strategies import BY_CLASS, few

BASE = "https://notify-core.example/schemas"
#: Where the class's schema is; `$defs` are found by the class's name.
DOCUMENTS = {
    "message": ["Message", "Content", "Channel", "Kind", "Importance"],
    "template": ["Template", "Wording", "Binding", "BindingMode"],
    "result": [
        *("Result", "Status", "Reason", "Outcome", "AttemptState", "Scope"),
        *("Exclusion", "Attempt"),
    ],
    "receipt": ["Receipt", "InboundMessage", "TemplateReview", "Balance"],
    "event": [
        *(cls.__name__ for cls in EVENT_TYPES),
        *("Match", "WebhookRefusal", "HealthUnit", "HealthState", "Verdict"),
    ],
}
ROOTS = {"Message", "Template", "Result"}
CLASSES: dict[str, Any] = {
    **{name: getattr(model, name) for name in model.__all__},
    **{cls.__name__: cls for cls in EVENT_TYPES},
    "Match": Match,
    "HealthUnit": HealthUnit,
    "HealthState": HealthState,
    "Verdict": Verdict,
}
PLACES = {
    name: f"{BASE}/{document}.schema.json{'' if name in ROOTS else '#/$defs/' + name}"
    for document, names in DOCUMENTS.items()
    for name in names
}
ENUMS = [n for n in PLACES if issubclass(CLASSES[n], StrEnum)]
VALUES = [n for n in PLACES if attrs.has(CLASSES[n])]


def schema_of(name: str) -> dict[str, Any]:
    found = registry().resolver().lookup(PLACES[name]).contents
    return cast("dict[str, Any]", found)


def validator_of(name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": PLACES[name]}, registry=registry())


def document(name: str) -> dict[str, Any]:
    found = registry().contents(f"{BASE}/{name}.schema.json")
    return cast("dict[str, Any]", found)


def objects_in(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield every part of a schema that lists properties with a type of its own."""
    if isinstance(schema, dict):
        if schema.get("type") == "object" and "properties" in schema:
            yield schema
        for name, part in schema.items():
            if name not in ("examples", "default"):
                yield from objects_in(part)


def holds(written: Any, example: Any) -> bool:
    """Tell whether *written* says all that *example* says; it may say more."""
    if isinstance(example, dict):
        return all(holds(written[name], part) for name, part in example.items())
    if isinstance(example, list):
        return all(holds(*both) for both in zip(written, example, strict=True))
    return bool(written == example)


def read(name: str, value: object) -> Any:
    cls = CLASSES[name]
    return from_builtins(cast("type", Event) if cls in EVENT_TYPES else cls, value)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_schema_is_valid_and_says_where_it_belongs(name: str) -> None:
    schema = document(name)

    Draft202012Validator.check_schema(schema)

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"{BASE}/{name}.schema.json"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_definition_is_that_of_a_class_or_of_a_form(name: str) -> None:
    forms = {"Names", "Time", "Duration"}

    defined = set(document(name).get("$defs", {})) - forms

    assert defined == set(DOCUMENTS[name]) - ROOTS


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_property_and_definition_is_described(name: str) -> None:
    schema = document(name)
    parts = [*schema.get("$defs", {}).items()]
    for part in objects_in(schema):
        parts += part["properties"].items()

    undescribed = [key for key, part in parts if not part.get("description")]

    assert schema["description"]
    assert undescribed == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_object_refuses_unknown_properties(name: str) -> None:
    open_objects = [
        part
        for part in objects_in(document(name))
        if part.get("additionalProperties") is not False
    ]

    assert open_objects == []


@pytest.mark.parametrize("name", ENUMS)
def test_an_enum_has_the_values_of_its_class(name: str) -> None:
    assert schema_of(name)["enum"] == [member.value for member in CLASSES[name]]


@pytest.mark.parametrize("name", ENUMS)
def test_an_enums_description_explains_each_value(name: str) -> None:
    schema = schema_of(name)

    unexplained = [v for v in schema["enum"] if f"`{v}`" not in schema["description"]]

    assert unexplained == []


@pytest.mark.parametrize("name", VALUES)
def test_an_object_has_the_fields_of_its_class(name: str) -> None:
    fields = attrs.fields(CLASSES[name])
    tag = ["type"] if CLASSES[name] in EVENT_TYPES else []

    schema = schema_of(name)

    assert list(schema["properties"]) == tag + [field.name for field in fields]
    assert schema.get("required", []) == tag + [
        field.name for field in fields if field.default is attrs.NOTHING
    ]


@pytest.mark.parametrize("name", VALUES)
def test_a_default_is_that_of_the_class(name: str) -> None:
    fields = {f.name: f.default for f in attrs.fields(CLASSES[name]) if f.name != "id"}
    declared = {
        field: default.factory() if hasattr(default, "factory") else default
        for field, default in fields.items()
        if default is not attrs.NOTHING
    }

    defaults = {
        field: part["default"]
        for field, part in schema_of(name)["properties"].items()
        if "default" in part
    }

    assert defaults == to_builtins(declared)


@pytest.mark.parametrize("name", EVENT_TYPES.values())
def test_an_event_is_told_by_its_type(name: str) -> None:
    cls = next(cls for cls, written in EVENT_TYPES.items() if written == name)

    assert schema_of(cls.__name__)["properties"]["type"]["const"] == name
    assert {"$ref": f"#/$defs/{cls.__name__}"} in document("event")["oneOf"]


EXAMPLES = [
    pytest.param(name, example, id=f"{name}-{number}")
    for name in VALUES
    for number, example in enumerate(schema_of(name).get("examples", []))
]


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_an_example_is_valid_and_becomes_a_value(name: str, example: Any) -> None:
    validator_of(name).validate(example)

    value = read(name, example)

    assert isinstance(value, CLASSES[name])
    assert holds(to_builtins(value), example)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_has_examples_that_are_valid(name: str) -> None:
    schema = document(name)
    validator = Draft202012Validator({"$ref": schema["$id"]}, registry=registry())

    for example in schema["examples"]:
        validator.validate(example)

    assert schema["examples"]


@pytest.mark.parametrize("name", [n for n in VALUES if n not in ("Binding", "Content")])
def test_a_value_that_stands_alone_has_an_example(name: str) -> None:
    inner = {"Attempt", "Exclusion"}

    assert name in inner or schema_of(name)["examples"]


@pytest.mark.parametrize("name", VALUES)
@few
@given(data=st.data())
def test_any_value_is_written_as_its_schema_says_and_read_back(
    name: str, data: st.DataObject
) -> None:
    value = data.draw(BY_CLASS[CLASSES[name]])

    written = json.loads(to_json(value))

    validator_of(name).validate(written)
    assert read(name, written) == value


@pytest.mark.parametrize("name", VALUES)
def test_an_unknown_key_is_refused_by_schema_and_class(name: str) -> None:
    schema = schema_of(name)
    example = {**schema.get("examples", [{}])[0], "recipent": "+8613800138000"}

    with pytest.raises(InvalidMessage) as caught:
        read(name, example)

    assert "/recipent" in [problem.pointer for problem in caught.value.problems]
    assert not validator_of(name).is_valid(example)


@pytest.mark.parametrize(
    "message",
    [
        {"to": "x"},
        {"to": "x", "template": "a", "content": {"text": "b"}},
        {"to": "x", "content": {"text": "b"}, "params": {"code": "1"}},
        {"to": " ", "template": "a"},
        {"to": "x", "template": "a", "not_before": "2026-01-31T08:00:00"},
        {"to": "x", "template": "a", "validity": "5 minutes"},
        {"to": "x", "template": "a", "idempotency_key": ""},
        {"to": "x", "template": "a", "id": "a/b"},
    ],
)
def test_the_schema_refuses_what_every_door_refuses(message: dict[str, Any]) -> None:
    assert not validator_of("Message").is_valid(message)
