"""Writes `configuration-reference.md` from the schema of configurations.

Run it after a change of the schema: `python docs/configuration_reference.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from notify_core.policy.schema import CONFIG_SCHEMA
from notify_core.schemas import public_schema

PAGE = Path(__file__).with_name("configuration-reference.md")

INTRODUCTION = """\
# Every option

This page is made from the schema of configurations.
[Configuration](configuration.md) tells what the options are for.
[Policies](policies.md) tells what each policy does.

`<name>` stands for a name that you give, and `[]` for an element of a list.
`notify schema` prints the schema with what the installed plugins add to it.
"""
VALUES = "## Kinds of values\n"

Schema = Mapping[str, Any]

#: What single values are called that have no title.
_PLAIN = {
    "string": "text",
    "boolean": "`true`, `false`",
    "integer": "whole number",
    "number": "number",
    "null": "`null`",
}
#: The headings of definitions that many options have.
_SHARED = {"comparisons": "routes.match.<field>", "reference": "reference"}
#: Texts that would be read as something else.
_QUOTED = re.compile(r"true|false|null|~|-?[0-9][0-9.e]*")
#: The longest example that stands in a cell.
_CELL = 60
#: The most values that stand in a cell.
_MOST = 12
_REASONS = "[reasons](outcomes.md)"


@attrs.frozen
class Section:
    """A mapping whose options are known."""

    way: str
    schema: Schema

    @property
    def title(self) -> str:
        """The heading."""
        return f"`{self.way}`" if self.way else "The file"

    @property
    def link(self) -> str:
        """What leads there."""
        anchor = re.sub(r"[^\w -]", "", self.title.lower()).replace(" ", "-")
        return f"[mapping](#{anchor})"


class Reference:
    """The page for one schema.

    Args:
        schema: Of configurations.
    """

    def __init__(self, schema: Schema) -> None:
        self._definitions: Schema = schema["$defs"]
        #: By the identity of their options: what is defined once is shown once.
        self._sections: dict[int, Section] = {}
        self._shared = {
            id(self._definitions[name]["properties"]): way
            for name, way in _SHARED.items()
        }
        self._find(schema, "")

    def page(self) -> str:
        """Return it as Markdown."""
        sections = [self._section(section) for section in self._sections.values()]
        return "\n".join([INTRODUCTION, *sections, VALUES + self._values()])

    def _find(self, schema: Schema, way: str) -> None:
        """Note every section from here on, outer before inner."""
        whole = self._whole(schema)
        if _is_section(whole):
            options = id(whole["properties"])
            if options in self._sections:
                return
            heading = self._shared.get(options, way)
            self._sections[options] = Section(heading, whole)
        for step, below in _parts(whole):
            self._find(below, f"{way}{step}".removeprefix("."))

    def _whole(self, schema: Schema) -> Schema:
        """Return a schema with what it refers to; what it says itself goes first."""
        if "$ref" not in schema:
            return schema
        target = self._definitions[schema["$ref"].split("/")[-1]]
        own = {key: value for key, value in schema.items() if key != "$ref"}
        return {**self._whole(target), **own}

    def _section(self, section: Section) -> str:
        required = section.schema.get("required", ())
        rows = [
            self._row(name, self._whole(option), is_required=name in required)
            for name, option in _options(section.schema)
        ]
        heads = ("option", "value", "default", "meaning", "example")
        about = section.schema.get("description")
        parts = [f"## {section.title}\n", about and f"{about}\n", _table(heads, rows)]
        return "\n".join(filter(None, parts))

    def _row(self, name: str, option: Schema, *, is_required: bool) -> list[str]:
        default = _written(option["default"]) if "default" in option else ""
        return [
            f"`{name}`",
            self._value(option),
            "required" if is_required else default,
            option.get("description", ""),
            _example(option),
        ]

    def _values(self) -> str:
        """Return a table of the single values that have a definition of their own."""
        named = [d for d in self._definitions.values() if _is_named(d)]
        rows = [[_name(d), d["description"], _example(d)] for d in named]
        return "\n" + _table(("value", "meaning", "example"), rows)

    def _value(self, schema: Schema) -> str:
        return " or ".join(dict.fromkeys(self._alternatives(self._whole(schema))))

    def _alternatives(self, whole: Schema) -> Iterator[str]:
        """Yield what a value may be."""
        if "allOf" in whole:
            wide, narrow = whole["allOf"]
            yield self._value(narrow)
            yield from (a for a in self._alternatives(self._whole(wide)) if a != "text")
        for branch in _branches(whole):
            yield from self._alternatives(self._whole(branch))
        if "enum" in whole or "const" in whole:
            yield _listed(whole.get("enum") or [whole["const"]])
        elif "pattern" in whole and "type" not in whole:
            yield _name(whole)
        elif "items" in whole and "type" not in whole:
            yield self._list(whole)
        types = whole.get("type", [])
        kinds = [types] if isinstance(types, str) else types
        # Where a text is wanted, a number is one whose quotes were forgotten.
        for kind in [k for k in kinds if k != "number" or "string" not in kinds]:
            yield self._of_type(kind, whole, is_alone=len(kinds) == 1)

    def _of_type(self, kind: str, whole: Schema, *, is_alone: bool) -> str:
        if kind == "object":
            return self._mapping(whole)
        if kind == "array":
            return self._list(whole)
        if kind == "string" and not is_alone and "pattern" in whole:
            return f"`{whole['pattern'].strip('^$')}`"
        if "title" in whole and is_alone:
            return _name(whole)
        return _PLAIN[kind] + _bounds(whole)

    def _list(self, whole: Schema) -> str:
        elements = self._value(whole["items"])
        return f"list of ({elements})" if " or " in elements else f"list of {elements}"

    def _mapping(self, whole: Schema) -> str:
        if _is_section(whole):
            return self._sections[id(whole["properties"])].link
        values = whole.get("additionalProperties")
        if not isinstance(values, dict):
            return "mapping"
        keys = self._whole(whole.get("propertyNames", {}))
        named = _REASONS if "enum" in keys else f"{_name(keys, 'name')}s"
        return f"mapping of {named}, each to {self._value(values)}"


def _is_section(whole: Schema) -> bool:
    return "properties" in whole and whole.get("additionalProperties") is False


def _is_named(definition: Schema) -> bool:
    is_text = definition.get("type") == "string"
    return is_text and {"title", "description"} <= definition.keys()


def _options(whole: Schema) -> Iterator[tuple[str, Schema]]:
    yield from whole["properties"].items()
    for option in whole.get("patternProperties", {}).values():
        yield option["title"], option


def _parts(whole: Schema) -> Iterator[tuple[str, Schema]]:
    """Yield the schemas of the parts of a value, each with the step there."""
    if _is_section(whole):
        for name, option in _options(whole):
            yield f".{name}", option
    if isinstance(whole.get("additionalProperties"), dict):
        yield ".<name>", whole["additionalProperties"]
    if "items" in whole:
        yield "[]", whole["items"]
    for branch in (*whole.get("allOf", ()), *_branches(whole)):
        yield "", branch


def _branches(whole: Schema) -> list[Schema]:
    """Return what a value may be like, without what only narrows parts of it."""
    branches = [whole[key] for key in ("else", "then") if key in whole]
    return [branch for branch in branches if "patternProperties" not in branch]


def _name(schema: Schema, otherwise: str = "text") -> str:
    title: str = schema.get("title", otherwise)
    return re.split(r" \(|:", title)[0]


def _bounds(whole: Schema) -> str:
    least, most = whole.get("minimum"), whole.get("maximum")
    if most is not None:
        return f", {least} to {most}"
    return "" if least is None else f", {least} or more"


def _listed(values: list[Any]) -> str:
    # Only the reasons are so many.
    return _REASONS if len(values) > _MOST else ", ".join(map(_written, values))


def _example(option: Schema) -> str:
    examples = option.get("examples") or option.get("enum", [])
    if not examples and "examples" in option.get("items", {}):
        examples = [option["items"]["examples"]]
    shown = _written(examples[0]) if examples else ""
    return shown if len(shown) <= _CELL else ""


def _written(value: Any) -> str:
    """Return a value as YAML has it on one line."""
    if isinstance(value, str) and not _QUOTED.fullmatch(value):
        return f"`{value}`"
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def _table(heads: tuple[str, ...], rows: list[list[str]]) -> str:
    lines = [list(heads), ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def page() -> str:
    """Return the page as it has to be."""
    return Reference(public_schema(CONFIG_SCHEMA)).page()


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
