"""Templates stand in the configuration and beside it, and are checked as one."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs
import pytest

from notify_core.config import Report, check, check_templates
from notify_core.model.price import Price
from notify_core.model.template import Binding, Template, Wording
from notify_core.provider import Settings, TemplateFault
from tests.config.bench import FILED, IDS, PLAIN, Bench
from tests.config.conftest import PluginsWith

HEAD = "version: 1\nproviders: {one: {type: plain}}\nroutes: {pool: one}\n"
FILES = f"{HEAD}template_files: [templates/*]\n"
PARAMS = "{type: object, properties: {a: {type: string}}, required: [a]}"


@pytest.fixture
def beside(bench: Bench) -> Bench:
    """A folder with two files of templates."""
    (bench.folder / "templates").mkdir()
    bench.write("hello: {kind: notice, text: Hello}\n", "templates/a.yaml")
    bench.write('{"bye": {"kind": "otp", "text": "Bye"}}', "templates/b.json")
    return bench


def warnings(bench: Bench, template: str) -> list[str]:
    """Return the warnings of a configuration with one template, `t`."""
    report = bench.check(f"{HEAD}templates: {{t: {template}}}\n")
    assert report.errors == ()
    return [f"{w.pointer} {w.message}" for w in report.warnings]


def errors(bench: Bench, template: str) -> list[str]:
    report = bench.check(f"{HEAD}templates: {{t: {template}}}\n")
    return [f"{w.pointer} {w.message}" for w in report.errors]


def test_templates_are_read_from_files_beside_the_configuration(beside: Bench) -> None:
    own = "templates: {own: {kind: notice, text: Own}}\n"

    snapshot = beside.load(FILES + own)

    assert set(snapshot.templates) == {"own", "hello", "bye"}
    assert snapshot.templates["bye"].render({}).text == "Bye"


def test_a_program_names_files_from_the_current_folder(
    beside: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(beside.folder)

    snapshot = beside.load(
        {
            "version": 1,
            "providers": {"one": {"type": "plain"}},
            "routes": {"pool": "one"},
            "template_files": ["templates/a.yaml", str(beside.folder / "templates/b*")],
        }
    )

    assert set(snapshot.templates) == {"hello", "bye"}


def test_a_file_that_two_patterns_find_is_read_once(beside: Bench) -> None:
    content = f"{HEAD}template_files: [templates/*, '**/a.yaml']\n"

    assert beside.check(content).errors == ()


def test_the_hash_covers_the_files(beside: Bench) -> None:
    before = beside.load(FILES).hash

    beside.write("hello: {kind: notice, text: Changed}\n", "templates/a.yaml")

    assert beside.load(FILES).hash != before


def test_a_fault_in_a_file_stands_at_its_place_in_that_file(beside: Bench) -> None:
    beside.write("bad:\n  kind: otp\n  txt: Hello {{ a }}\n", "templates/a.yaml")
    beside.write("worse: {kind: otp, text: '{{ a }}'}\n", "templates/b.json")

    assert beside.errors(FILES) == [
        "templates/a.yaml:3:3 bad.txt is unknown; did you mean 'text'?",
        (
            "templates/b.json:1:26 worse.text uses 'a', which params does not declare; "
            "there are none"
        ),
    ]


def test_faults_of_the_configuration_come_before_those_of_its_files(
    beside: Bench,
) -> None:
    beside.write("bad: {kind: otp, txt: Hello}\n", "templates/a.yaml")

    found = beside.errors(f"{FILES}\n\n\ncolour: red\n")

    assert [error.split(":")[0] for error in found] == [
        "notify.yaml",
        "templates/a.yaml",
    ]


def test_a_name_that_stands_twice_names_both_places(beside: Bench) -> None:
    own = "templates:\n  hello: {kind: notice, text: Own}\n"
    beside.write("\nhello: {kind: notice, text: Again}\n", "templates/b.json")

    first, second = beside.errors(FILES + own)

    assert first.startswith("templates/a.yaml:1:1 hello stands in ")
    assert "/notify.yaml:6 already; give it another name" in first
    assert second.startswith("templates/b.json:2:1 hello stands in ")


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("nothing/*.yaml", "'nothing/*.yaml' finds no file in the folder"),
        ("templates", "'templates' finds no file"),
        ('"a\\u0000b"', "finds no file"),
        ('""', "is empty"),
    ],
)
def test_a_pattern_that_finds_nothing_is_an_error(
    beside: Bench, named: str, told: str
) -> None:
    [error] = [
        e
        for e in beside.errors(f"{HEAD}template_files: [{named}]\n")
        if "control character" not in e
    ]

    assert "template_files.0" in error
    assert told in error


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("", "templates/a.yaml:1:1 has no value; a mapping belongs here"),
        ("- hello\n", "templates/a.yaml:1:1 must be a mapping, not a list"),
        ("a: [\n", "templates/a.yaml:2:1"),
        ("'a b': {kind: otp, text: x}\n", "templates/a.yaml:1:1 a b is no name"),
        ("a: 1\na: 2\n", "templates/a.yaml:2:1 a stands in line 1 already"),
    ],
    ids=["empty", "list", "broken", "name", "twice"],
)
def test_a_file_that_is_no_file_of_templates_says_so(
    beside: Bench, written: str, told: str
) -> None:
    beside.write(written, "templates/a.yaml")

    assert any(error.startswith(told) for error in beside.errors(FILES))


def test_a_file_that_cannot_be_read_is_named(beside: Bench) -> None:
    (beside.folder / "templates/a.yaml").write_bytes(b"a: \xff\n")

    [error] = beside.errors(FILES)

    assert error == "templates/a.yaml:1:4 is not UTF-8 here"


def test_texts_in_several_languages_are_read(bench: Bench) -> None:
    content = (
        f"{HEAD}templates:\n  t:\n    kind: notice\n    default_locale: zh-CN\n"
        "    text: {zh-CN: 您好, en: Hello}\n    subject: {en: Title, ZH-cn: 标题}\n"
        "    html: <p></p>\n"
    )

    made = bench.load(content).templates["t"].template

    assert made == Template(
        name="t",
        kind=made.kind,
        params=made.params,
        text="您好",
        subject="标题",
        html="<p></p>",
        default_locale="zh-CN",
        locales={"en": Wording(text="Hello", subject="Title")},
    )
    assert list(made.texts()) == [("/text/zh-CN", "您好"), ("/text/en", "Hello")]


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("{kind: otp, text: {en: x}}", "/templates/t has texts by language and no def"),
        (
            "{kind: otp, text: {en: x}, default_locale: zh}",
            "/templates/t/default_locale 'zh' has no text; there are: en",
        ),
        (
            "{kind: otp, text: {en: x}, subject: {zh: y}, default_locale: en}",
            "/templates/t/default_locale 'en' has no subject; there are: zh",
        ),
        (
            "{kind: otp, text: x, default_locale: zh}",
            "/templates/t/default_locale has no meaning without texts by language",
        ),
        (
            "{kind: otp, text: {en: x, EN: y}, default_locale: en}",
            "/templates/t/text/EN is the same language as one before it",
        ),
        ("{kind: otp, text: {e: x}}", "/templates/t/text/e is no language tag"),
        ("{kind: otp, text: {en: ''}}", "/templates/t/text/en is empty"),
        ("{kind: otp, text: {}}", "/templates/t/text is empty"),
        ("{kind: otp, html: x}", "/templates/t/html stands without text"),
        ("{kind: otp, subject: x}", "/templates/t/subject stands without text"),
        (
            '{kind: otp, text: x, subject: "x\\n"}',
            "/templates/t/subject has a line break",
        ),
        (
            "{kind: otp, text: x, html: '{{ a'}",
            "/templates/t/html is no template",
        ),
        (
            "{kind: otp, text: {en: '{{ a }}'}, default_locale: en}",
            "/templates/t/text/en uses 'a', which params does not declare",
        ),
        (
            (
                "{kind: otp, params: {properties: {a: {type: array}}}, "
                "bindings: {ids: {template_id: x, params: [a]}}}"
            ),
            "/templates/t/bindings/ids/params/0 'a' is a mapping or a list",
        ),
        (
            "{kind: otp, text: x, bindings: {ids: {mode: text}}}",
            "/templates/t/bindings/ids/mode type 'ids' takes no texts",
        ),
    ],
)
def test_what_cannot_work_is_an_error(bench: Bench, template: str, told: str) -> None:
    assert any(error.startswith(told) for error in errors(bench, template))


@pytest.mark.parametrize(
    ("template", "told"),
    [
        (
            "{kind: otp, text: {en: x, zh: y}, subject: {en: z}, default_locale: en}",
            "/templates/t/subject has no zh, which another part has",
        ),
        (
            "{kind: otp, params: {properties: {a: {}}}, text: '{{ a }}'}",
            "/templates/t/text uses 'a', which a message may leave out",
        ),
        (
            f"{{kind: otp, params: {PARAMS}, text: x}}",
            "/templates/t/params/properties/a is used by no text and no binding",
        ),
        (
            "{kind: otp, text: x, bindings: {ids: {template_id: x}}}",
            "/templates/t/bindings/ids is of no use: no provider has this type",
        ),
        (
            "{kind: otp, text: x, bindings: {plain: {mode: text}, one: {mode: text}}}",
            "/templates/t/bindings/plain is of no use: each of its providers has a",
        ),
        (
            (
                f"{{kind: otp, params: {PARAMS}, text: '{{{{ a }}}}', "
                "bindings: {ids: {template_id: x}}}"
            ),
            "/templates/t/bindings/ids does not send 'a', which the text uses",
        ),
        (
            (
                "{kind: otp, params: {properties: {a: {}}}, text: x, "
                "bindings: {ids: {template_id: x, params: {b: a}}}}"
            ),
            "/templates/t/bindings/ids/params/b 'a' may be left out, and is sent empty",
        ),
        (
            (
                "{kind: otp, text: '{{ a }}', params: {required: [a], properties: "
                "{a: {type: string, pattern: '[0-9]+x', maxLength: 5000}}}}"
            ),
            "/templates/t/params/properties/a/maxLength is more than 3000 characters",
        ),
    ],
)
def test_what_may_not_work_is_a_warning(bench: Bench, template: str, told: str) -> None:
    assert any(warning.startswith(told) for warning in warnings(bench, template))


@pytest.mark.parametrize(
    "template",
    [
        f"{{kind: otp, params: {PARAMS}, text: '{{{{ a }}}}'}}",
        "{kind: otp, params: {properties: {a: {}}}, text: \"{{ a | default('') }}\"}",
        "{kind: otp, text: {en: x, zh: y}, subject: z, default_locale: en}",
    ],
)
def test_a_template_in_order_is_not_warned_of(bench: Bench, template: str) -> None:
    assert warnings(bench, template) == []


Faults = Iterator[TemplateFault]


def checked(plugins_with: PluginsWith, template_faults: Any, **template: Any) -> Report:
    """Check a template that a provider of this type's check may send."""
    kind = attrs.evolve(PLAIN, template_faults=template_faults)
    content = {
        "version": 1,
        "providers": {"one": {"type": "plain", "settings": {}}},
        "routes": {"pool": "one"},
        "templates": {"t": {"kind": "otp", "text": "Hello", **template}},
    }
    return check(content, plugins_with(kind, FILED))


def test_the_type_of_each_provider_checks_what_it_may_send(
    plugins_with: PluginsWith,
) -> None:
    def faults(_: Settings, template: Template, binding: Binding | None) -> Faults:
        yield TemplateFault(pointer="/text", message=f"{template.text} is too short")
        assert binding is not None
        yield TemplateFault(pointer="/binding/sender", message="is odd")

    bindings = {"one": {"mode": "text", "sender": "x"}}
    report = checked(plugins_with, faults, bindings=bindings)

    assert [str(error) for error in report.errors] == [
        "templates.t.bindings.one.sender is odd (provider 'one')",
        "templates.t.text Hello is too short (provider 'one')",
    ]


def test_a_fault_of_some_messages_is_a_warning(plugins_with: PluginsWith) -> None:
    def faults(*_: object) -> Faults:
        yield TemplateFault(pointer="", message="may be long", is_partial=True)

    report = checked(plugins_with, faults)

    assert report.errors == ()
    assert [str(w) for w in report.warnings] == [
        "templates.t may be long (provider 'one')"
    ]


def test_a_type_does_not_check_what_its_providers_never_send(
    plugins_with: PluginsWith,
) -> None:
    def faults(*_: object) -> Faults:
        raise AssertionError
        yield

    report = checked(
        plugins_with, faults, text=None, bindings={"filed": {"template_id": "1"}}
    )

    assert "the plugin raised" not in str(report)


def test_a_check_that_breaks_is_told_and_ends_nothing(
    plugins_with: PluginsWith,
) -> None:
    def faults(*_: object) -> Faults:
        raise KeyError("s3cret")

    report = checked(plugins_with, faults)

    assert [str(w) for w in report.warnings] == [
        "templates.t was not checked: the plugin raised KeyError (provider 'one')"
    ]


def test_the_templates_can_be_checked_alone(beside: Bench) -> None:
    content = (
        f"{FILES}colour: red\ntemplates: {{own: {{kind: otp, txt: x}}}}\n"
    ).replace("{type: plain}", "{type: filed}")
    beside.write("bad: {kind: otp, text: '{{ a }}'}\n", "templates/a.yaml")
    source = beside.write(content)

    report = check_templates(source, beside.plugins, beside.environ)

    assert [error.pointer for error in report.errors] == [
        "/templates/own/txt",
        "/bad/text",
    ]
    assert report.warnings == ()


def test_a_provider_that_cannot_be_used_is_named_when_templates_are_checked_alone(
    beside: Bench,
) -> None:
    source = beside.write(FILES.replace("{type: plain}", "{type: filed}"))

    report = check_templates(source, beside.plugins, beside.environ)

    assert report.errors == ()
    assert "cannot be used, so no template was checked" in str(report.warnings[0])


def test_a_file_that_cannot_be_read_is_told_when_templates_are_checked_alone(
    bench: Bench,
) -> None:
    report = check_templates(bench.folder / "none", bench.plugins, bench.environ)

    assert "cannot be read" in str(report.errors[0])


def test_the_price_of_a_provider_is_read(bench: Bench) -> None:
    price = 'price: {per_segment: "0.045", currency: CNY}'

    snapshot = bench.load(HEAD.replace("type: plain", f"type: plain, {price}"))

    assert snapshot.providers["one"].price == Price(
        per_segment=Decimal("0.045"), currency="CNY"
    )


@pytest.mark.parametrize(
    ("price", "told"),
    [
        ("{per_segment: 0.045, currency: CNY}", "put it in quotes: '0.045'"),
        ('{per_segment: "4,5", currency: CNY}', "'4,5' is no amount in quotes"),
        ('{per_segment: "1", currency: yuan}', "'yuan' is no currency code"),
        ('{per_segment: "1"}', "currency is missing"),
    ],
)
def test_a_price_that_is_none_is_an_error(bench: Bench, price: str, told: str) -> None:
    written = HEAD.replace("type: plain", f"type: plain, price: {price}")

    assert any(told in error for error in bench.errors(written))


def test_an_account_that_takes_no_ids_is_told_apart_from_its_type(
    plugins_with: PluginsWith,
) -> None:
    def without(_: Settings) -> Any:
        return attrs.evolve(IDS.capabilities, templates=False)

    kind = attrs.evolve(IDS, account_capabilities=without)
    content = {
        "version": 1,
        "providers": {"one": {"type": "ids"}},
        "routes": {"pool": "one"},
        "templates": {"t": {"kind": "otp", "bindings": {"ids": {"template_id": "1"}}}},
    }

    [error] = check(content, plugins_with(kind)).errors

    assert "takes no template ids; write mode: text" in error.message
