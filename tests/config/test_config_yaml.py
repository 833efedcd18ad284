"""How the text of a configuration is read."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from notify_core.config import yaml_reader
from notify_core.config.read import MAX_SIZE, read
from notify_core.config.yaml_reader import MAX_DEPTH, MAX_VALUES, YamlReader
from notify_core.errors import ConfigurationError
from tests.config.bench import Bench

MINIMAL = "version: 1\nproviders: {one: {type: plain}}\nroutes: {pool: one}\n"


@pytest.fixture(params=["libyaml", "pure Python"], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read with either of the library's parsers."""
    if request.param == "pure Python":
        monkeypatch.setattr(yaml_reader, "_Loader", yaml.SafeLoader)


def content(text: str) -> Any:
    return YamlReader(text, "notify.yaml").read().content


def faults(text: str) -> list[str]:
    try:
        problems = YamlReader(text, "notify.yaml").read().problems
    except yaml_reader.Unreadable as error:
        problems = tuple(error.problems)
    return [" ".join(str(problem).split()) for problem in problems]


@pytest.mark.parametrize(
    "word",
    [
        pytest.param("on", id="YAML 1.1 calls it true"),
        pytest.param("off", id="YAML 1.1 calls it false"),
        pytest.param("NO", id="the country of Norway"),
        pytest.param("yes", id="YAML 1.1 calls yes true"),
        pytest.param("True", id="only true is true"),
        pytest.param("FALSE", id="only false is false"),
        pytest.param("Null", id="only null is null"),
        pytest.param("22:00", id="a time of day, no sexagesimal number"),
        pytest.param("1:20:30", id="no sexagesimal number of three parts"),
        pytest.param("+8613800138000", id="a telephone number"),
        pytest.param("+1", id="no number with a plus"),
        pytest.param("010", id="no octal number, and no ten either"),
        pytest.param("0o17", id="no octal number of YAML 1.2"),
        pytest.param("0x1F", id="no hexadecimal number"),
        pytest.param("0b11", id="no binary number"),
        pytest.param("1_000", id="no number with grouping"),
        pytest.param("2026-01-01", id="no date"),
        pytest.param("2026-01-01T12:00:00Z", id="no time stamp"),
        pytest.param(".5", id="no number without a digit in front"),
        pytest.param("1.", id="no number without a digit behind"),
        pytest.param(".inf", id="no infinity"),
        pytest.param(".nan", id="no not-a-number"),
        pytest.param("=", id="no default value"),
    ],
)
def test_a_word_that_json_does_not_know_is_a_text(word: str) -> None:
    assert content(f"a: {word}") == {"a": word}


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("-12", -12),
        ("8443", 8443),
        ("1.5", 1.5),
        ("-2e3", -2000.0),
        ("'8443'", "8443"),
        ('"true"', "true"),
        ("!!str 12", "12"),
        ("|\n  12\n", "12\n"),
    ],
)
def test_a_word_of_json_has_its_value_unless_it_is_quoted(
    word: str, value: Any
) -> None:
    read_value = content(f"a: {word}")["a"]

    assert read_value == value
    assert type(read_value) is type(value)


def test_a_key_is_its_own_text() -> None:
    assert content("{1: a, true: b, null: c, on: d, 010: e, 'quoted': f}") == {
        "1": "a",
        "true": "b",
        "null": "c",
        "on": "d",
        "010": "e",
        "quoted": "f",
    }


def test_a_key_that_stands_twice_is_refused_with_both_lines() -> None:
    found = faults("a: 1\nb:\n  c: 1\n  c: 2\n'a': 2\n")

    assert found == [
        "notify.yaml:4:3 b.c stands in line 3 already",
        "notify.yaml:5:1 a stands in line 1 already",
    ]


def test_a_merge_key_is_refused() -> None:
    found = faults("a: &a {x: 1}\nb:\n  <<: *a\n")

    assert found == [
        "notify.yaml:3:3 b has a merge key (<<), which is refused; write the keys out"
    ]


def test_a_tag_is_refused() -> None:
    found = faults("a: !!python/object/apply:os.system [true]\nb: !env KEY\n")

    assert [fault.split(" has a tag")[0] for fault in found] == [
        "notify.yaml:1:4 a",
        "notify.yaml:2:4 b",
    ]


def test_an_alias_repeats_a_value() -> None:
    assert content("a: &x [1, {b: 2}]\nc: *x\n") == {
        "a": [1, {"b": 2}],
        "c": [1, {"b": 2}],
    }


def test_an_alias_within_its_own_anchor_is_refused() -> None:
    assert faults("a: &x [*x]") == ["notify.yaml:1:8 a.0 no anchor &x stands before it"]


def test_aliases_cannot_multiply_beyond_the_bound() -> None:
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 9)]
    bomb = "\n".join(["l0: &l0 x", *levels])

    [found] = faults(bomb)

    assert f"more than {MAX_VALUES} values" in found


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_a_text_nested_without_end_is_refused_at_the_bound(opening: str) -> None:
    [found] = faults(opening * 100_000)

    assert f"is nested deeper than {MAX_DEPTH} levels" in found


def test_a_second_document_is_refused() -> None:
    assert faults("a: 1\n---\nb: 2\n") == [
        "notify.yaml:2:1 a second document begins here; only one is read"
    ]


@pytest.mark.parametrize(
    "number", ["9" * 5000, "9223372036854775808", "-1e19", "1e999"]
)
def test_a_number_that_is_too_large_to_count_with_is_refused(number: str) -> None:
    assert faults(f"a: {number}") == [
        "notify.yaml:1:4 a is too large a number; if it is a text, put it in quotes"
    ]


def test_a_tab_that_indents_is_named() -> None:
    assert faults("a:\n\tb: 1\n") == [
        "notify.yaml:2:1 a tab stands here; YAML is indented with spaces"
    ]


def test_half_a_character_is_refused() -> None:
    [found] = faults('a: "\\ud83d"\n')

    assert found.startswith("notify.yaml:1:")


def test_a_syntax_error_has_its_line_and_column_and_not_the_text() -> None:
    [found] = faults("version: 1\nkey: s3cr3t-of-the-line: broken\n")

    assert found.startswith("notify.yaml:2:24 ")
    assert "s3cr3t" not in found


def test_every_value_and_key_has_its_place() -> None:
    document = YamlReader("a:\n  b: [1, 二]\n  'c~/d': x\n", "notify.yaml").read()

    values = {p: (at.line, at.column) for p, at in document.values.items()}
    keys = {p: (at.line, at.column) for p, at in document.keys.items()}

    assert values == {
        "": (1, 1),
        "/a": (2, 3),
        "/a/b": (2, 6),
        "/a/b/0": (2, 7),
        "/a/b/1": (2, 10),
        "/a/c~0~1d": (3, 11),
    }
    assert keys == {"/a": (1, 1), "/a/b": (2, 3), "/a/c~0~1d": (3, 3)}


def test_json_is_read_by_the_same_reader(bench: Bench) -> None:
    configuration = {
        "version": 1,
        "providers": {"one": {"type": "plain"}},
        "templates": {"hi": {"kind": "notice", "text": 'a "quoted"\n\u4e00/\t😀'}},
        "routes": {"pool": "one"},
    }
    text = json.dumps(configuration, indent=1, ensure_ascii=False)

    snapshot = bench.load(bench.write(text, "notify.json").read_text())

    written = snapshot.templates["hi"].template.text
    assert written == 'a "quoted"\n\u4e00/\t😀'


def test_a_byte_order_mark_is_not_part_of_the_text(bench: Bench) -> None:
    bench.load("\ufeff" + MINIMAL)


def test_a_file_that_is_too_large_is_refused_unread(bench: Bench) -> None:
    assert bench.errors("#" * (MAX_SIZE + 1)) == [
        f"notify.yaml:1:1 is larger than {MAX_SIZE} bytes"
    ]


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("absent.yaml", "No such file or directory"),
        (".", "Is a directory"),
        ("a\0b", "embedded null"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_the_cause(
    source: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ConfigurationError) as raised:
        read(source)

    assert str(raised.value).startswith(f"the configuration {source} cannot be used:")
    assert why in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '{\n  "version": 1\n  "routes": {}\n}',
            "3:3 is no JSON from here on: expecting ','",
        ),
        ('{"version": 1, "routes": {', "1:27 is no JSON from here on: expecting"),
        ('{"version: 1}', "1:2 is no JSON from here on: unterminated string"),
        ('{"version": 1}}', "1:15 is no JSON from here on: extra data"),
    ],
)
def test_broken_json_is_told_in_words_of_json(
    text: str, said: str, bench: Bench
) -> None:
    path = bench.write(text, "notify.JSON")

    with pytest.raises(ConfigurationError) as raised:
        read(path)

    (problem,) = raised.value.problems
    assert str(problem).startswith(f"{path}:{said}")
    assert raised.value.__context__ is None


@pytest.mark.parametrize("depth", [MAX_DEPTH, 9999])
def test_json_that_is_nested_too_deep_is_told_as_such(depth: int, bench: Bench) -> None:
    path = bench.write('{"a":' * depth + "[]" + "}" * depth, "notify.json")

    with pytest.raises(ConfigurationError, match="is nested deeper than"):
        read(path)


def test_a_number_that_is_too_long_breaks_no_json(bench: Bench) -> None:
    path = bench.write(f'{{"version": {"1" * 9999} 2: [', "notify.json")

    with pytest.raises(ConfigurationError, match=r"notify\.json:1:"):
        read(path)


def test_a_file_of_yaml_that_breaks_is_told_in_words_of_yaml(bench: Bench) -> None:
    path = bench.write('{"version": 1', "notify.yaml")

    with pytest.raises(ConfigurationError) as raised:
        read(path)

    assert "JSON" not in str(raised.value)
