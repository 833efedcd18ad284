"""Errors come all at once, with their places, and say what to do."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import attrs
import pytest

from notify_core.config import check, load
from notify_core.errors import ConfigurationError
from notify_core.model.channel import Kind
from notify_core.plugins import Plugins
from notify_core.provider import Capabilities, SenderMode, Settings, TextMode
from notify_core.secret import Secret
from tests.config.bench import IDS, PLAIN, Bench
from tests.config.conftest import PluginsWith

MINIMAL = {
    "version": 1,
    "providers": {"one": {"type": "plain"}},
    "routes": {"pool": "one"},
}


def test_the_error_reads_well_in_a_terminal(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.write(
        "version: 1\nproviders:\n  backup: {type: fild}\n"
        "policies: {quick: {deadline: 5}}\nroutes: {pool: bakup}\n"
    )
    monkeypatch.chdir(bench.folder)

    with pytest.raises(ConfigurationError) as raised:
        load("notify.yaml", bench.plugins, bench.environ)

    assert str(raised.value) == (
        "the configuration notify.yaml cannot be used:\n"
        "  notify.yaml:3:18 providers.backup.type 'fild' is not installed; "
        "did you mean 'filed'? installed: broken, filed, ids, plain\n"
        "  notify.yaml:4:30 policies.quick.deadline 5 is no duration; "
        "write for example 20s\n"
        "  notify.yaml:5:16 routes.pool 'bakup' is no pool or provider; "
        "did you mean 'backup'?"
    )


def test_problems_can_be_read_by_a_program(bench: Bench) -> None:
    [problem] = bench.check("version: 1\nproviders: {one: {type: plain}}\n").errors

    assert problem.pointer == "/routes"
    assert (problem.line, problem.column) == (1, 1)
    assert problem.file == str(bench.folder / "notify.yaml")


def test_problems_of_a_mapping_have_pointers_and_no_file(bench: Bench) -> None:
    with pytest.raises(ConfigurationError) as raised:
        bench.load({**MINIMAL, "routes": {"pool": "two", "polcy": "x"}})

    assert str(raised.value).splitlines() == [
        "the configuration cannot be used:",
        "  routes.polcy is unknown; did you mean 'policy'?",
        "  routes.pool 'two' is no pool or provider; there are: one",
    ]
    assert {problem.file for problem in raised.value.problems} == {None}


def test_a_problem_within_an_alias_stands_where_the_alias_stands(bench: Bench) -> None:
    found = bench.errors(
        "version: 1\nproviders:\n  one: {type: plain, webhook: &w {url: x}}\n"
        "  two: {type: plain, webhook: *w}\nroutes: {pool: one}\n"
    )

    assert [message.split(" is ")[0] for message in found] == [
        "notify.yaml:3:22 providers.one.webhook.tokens",
        "notify.yaml:3:35 providers.one.webhook.url",
        "notify.yaml:4:22 providers.two.webhook.tokens",
        "notify.yaml:4:22 providers.two.webhook.url",
    ]


def test_without_any_provider_type_the_error_says_how_to_install_one(
    plugins_with: PluginsWith,
) -> None:
    [problem] = check(MINIMAL, plugins_with()).errors

    assert str(problem) == (
        "providers.one.type 'plain' is not installed; "
        "install the distribution that offers it; installed: none"
    )


@pytest.fixture
def half_broken(plugins: Plugins) -> Plugins:
    """Plugins of which one did not load."""
    plugins.failures["ihuyi"] = ModuleNotFoundError("No module named 'lxml'\nmore")
    return plugins


def test_a_type_whose_plugin_did_not_load_is_named_with_the_cause(
    half_broken: Plugins,
) -> None:
    content = {**MINIMAL, "providers": {"one": {"type": "ihuyi"}}}

    [problem] = check(content, half_broken).errors

    assert problem.message == (
        "'ihuyi' is installed and did not load: "
        "ModuleNotFoundError: No module named 'lxml'"
    )


def test_plugins_that_did_not_load_are_named_beside_an_unknown_type(
    half_broken: Plugins,
) -> None:
    content = {**MINIMAL, "providers": {"one": {"type": "ihuyi-otp"}}}

    [problem] = check(content, half_broken).errors

    assert problem.message.endswith(
        "did not load: ihuyi (ModuleNotFoundError: No module named 'lxml')"
    )


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ({1: "x"}, " has a key that is a Python int, not a text"),
        (
            {"version": date(2026, 1, 1)},
            "version is a Python date, which no file can hold",
        ),
        (
            {"version": Path("x")},
            "version is a Python PosixPath, which no file can hold",
        ),
        ({"version": 2**63}, "version is too large a number"),
        ({"version": float("nan")}, "version is too large a number"),
        ({"version": "\ud83d"}, "version holds half a character"),
        ({"defaults": {"\ud83d": 1}}, "defaults holds half a character"),
    ],
    ids=["key", "date", "path", "integer", "nan", "half a text", "half a key"],
)
def test_what_a_file_could_not_hold_is_refused_in_a_mapping(
    content: dict[Any, Any], found: str, bench: Bench
) -> None:
    errors = bench.errors({**MINIMAL, **content})

    assert any(error.startswith(found.strip()) for error in errors)


def test_a_mapping_that_holds_itself_is_refused(bench: Bench) -> None:
    content: dict[str, Any] = {**MINIMAL}
    content["defaults"] = content

    errors = bench.errors(content)

    assert any("is nested deeper than 32 levels" in error for error in errors)


def test_a_mapping_may_hold_tuples_and_texts_of_other_classes(bench: Bench) -> None:
    content = {
        **MINIMAL,
        "pools": {"main": {"members": ("one",)}},
        "routes": {"pool": "main", "free_text": True},
        "templates": {"hi": {"kind": Kind.NOTICE, "text": "Hello"}},
    }

    snapshot = bench.load(content)

    assert snapshot.routes.root.pool.providers == ("one",)


def test_the_given_mapping_is_left_as_it_was(bench: Bench) -> None:
    account = {"account": "C1", "key": Secret("k3y")}
    content = {**MINIMAL, "providers": {"one": {"type": "filed", "settings": account}}}

    bench.load(content)

    assert account == {"account": "C1", "key": Secret("k3y")}


def test_check_gives_the_warnings_that_load_keeps(bench: Bench) -> None:
    content = {**MINIMAL, "pools": {"spare": {"members": ["one"]}}}

    report = bench.check(content)

    assert report.errors == ()
    assert [str(warning) for warning in report.warnings] == [
        "pools.spare is used by no route"
    ]
    assert bench.load(content).warnings == report.warnings


def test_free_text_on_the_route_makes_a_provider_of_filed_texts_eligible(
    bench: Bench,
) -> None:
    filed = {"type": "filed", "settings": {"account": "C1", "key": Secret("k3y")}}
    content = {**MINIMAL, "providers": {"one": filed}}

    def never(routes: Mapping[str, Any]) -> bool:
        report = bench.check({**content, "routes": routes})
        return any("never gets a message" in w.message for w in report.warnings)

    assert never({"pool": "one"})
    assert not never({"pool": "one", "free_text": True})


@pytest.mark.parametrize(
    ("text", "binding", "is_sendable"),
    [
        (TextMode.FREE, None, True),
        (TextMode.APPROVED, None, False),
        (TextMode.APPROVED, {"mode": "text"}, True),
        (TextMode.APPROVED, {"template_id": "1"}, True),
        (TextMode.NONE, None, False),
        (TextMode.NONE, {"template_id": "1"}, True),
    ],
)
def test_a_template_that_no_provider_can_send_is_told(
    text: TextMode,
    binding: dict[str, str] | None,
    is_sendable: bool,
    plugins_with: PluginsWith,
) -> None:
    can = attrs.evolve(PLAIN.capabilities, text=text, templates=True)
    plugins = plugins_with(attrs.evolve(PLAIN, capabilities=can))
    template = {"kind": "notice", "text": "Hello"}
    bound = template if binding is None else {**template, "bindings": {"one": binding}}

    report = check({**MINIMAL, "templates": {"hi": bound}}, plugins)

    told = any(problem.pointer == "/templates/hi" for problem in report.warnings)
    assert told is not is_sendable


def test_what_the_account_cannot_do_counts_and_not_what_its_type_could(
    plugins_with: PluginsWith,
) -> None:
    def can(settings: Settings) -> Capabilities:
        return attrs.evolve(PLAIN.capabilities, idempotent_reference=None)

    plugins = plugins_with(attrs.evolve(PLAIN, account_capabilities=can))

    waiting = {
        **MINIMAL,
        "policies": {"waits": {}},
        "routes": {"pool": "one", "policy": "waits"},
    }

    [warning] = check(waiting, plugins).warnings

    assert check(MINIMAL, plugins).warnings == ()
    assert warning.message.startswith(
        "has none of the ways to settle an unknown outcome: reference, query, receipt"
    )


def test_an_installed_type_that_is_not_selected_is_told_apart_from_an_unknown_one(
    plugins: Plugins,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    info = tmp_path / "notify_other-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: o\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[notify_core]\nother = nothing\n")
    monkeypatch.syspath_prepend(tmp_path)
    content = {**MINIMAL, "providers": {"one": {"type": "other"}}}

    [left_out] = check(content, plugins).errors
    monkeypatch.setenv("NOTIFY_PLUGINS", "other")
    [unknown] = check(content, plugins).errors

    assert left_out.message == (
        "'other' is installed, and NOTIFY_PLUGINS does not select it: add it"
    )
    assert unknown.message.startswith("'other' is not installed; ")


@pytest.mark.parametrize(
    ("senders", "warned"),
    [(["示例"], True), (["Other"], False), (["示例", "Other"], False), ([None], True)],
    ids=["another", "its own", "one of two", "unknown"],
)
def test_a_sender_that_no_provider_of_the_binding_has_is_warned_of(
    plugins_with: PluginsWith, senders: list[str | None], *, warned: bool
) -> None:
    def can(settings: Settings) -> Capabilities:
        own = settings.get("sign")
        return attrs.evolve(IDS.capabilities, sender=SenderMode.FIXED, sender_name=own)

    schema = {"type": "object", "properties": {"sign": {"type": "string"}}}
    signing = attrs.evolve(IDS, settings_schema=schema, account_capabilities=can)
    accounts = {f"a{n}": {"sign": own} if own else {} for n, own in enumerate(senders)}
    content = {
        "version": 1,
        "providers": {
            name: {"type": "ids", "settings": said} for name, said in accounts.items()
        },
        "pools": {"all": {"members": list(accounts)}},
        "templates": {
            "hello": {
                "kind": "notice",
                "bindings": {"ids": {"template_id": "1", "sender": "Other"}},
            }
        },
        "routes": {"pool": "all"},
    }

    warnings = check(content, plugins_with(signing)).warnings

    found = [warning.pointer for warning in warnings]
    assert found == ["/templates/hello/bindings/ids/sender"] * warned
