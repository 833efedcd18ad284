"""Plugins that are found by their entry point."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pluggy
import pytest

from notify_core.errors import PluginError
from notify_core.plugins import PROJECT, SELECTION_VARIABLE, Plugins
from tests.plugins.plugged import BROKEN, EVENT, OBSERVING, Install, Watcher

# Entry points.


def test_a_strangers_provider_comes_through_the_entry_points(
    install: Install, select: Callable[[str], None]
) -> None:
    install(
        {"stranger-dist": "stranger"},
        {
            "stranger-dist": """
from notify_core.plugins import hookimpl
from notify_core.testing import FakeVendor

@hookimpl
def notify_register_providers():
    return [FakeVendor("strange").type]
"""
        },
    )
    select("stranger")

    plugins = Plugins()

    assert list(plugins.provider_types) == ["strange"]


def test_one_broken_plugin_does_not_stop_the_others(
    install: Install, select: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    install(
        {"broken-a": "aa_broken", "watching-b": "bb_watching"},
        {"broken-a": BROKEN, "watching-b": OBSERVING},
    )
    select("aa_broken, bb_watching")

    plugins = Plugins()

    assert list(plugins.failures) == ["aa_broken"]
    assert isinstance(plugins.failures["aa_broken"], ImportError)
    assert (
        "plugin aa_broken did not load: ImportError: this plugin needs" in caplog.text
    )
    plugins.observe(EVENT)
    assert import_module("watching_b").seen == [EVENT]


def test_a_plugin_that_takes_what_the_hook_does_not_offer_is_refused_whole(
    install: Install, select: Callable[[str], None]
) -> None:
    install(
        {"half-right": "half"},
        {
            "half-right": OBSERVING
            + """
@hookimpl
def notify_register_providers(registry):
    return []
"""
        },
    )
    select("half")

    plugins = Plugins()

    assert isinstance(plugins.failures["half"], pluggy.PluginValidationError)
    plugins.observe(EVENT)
    assert import_module("half_right").seen == []


def test_two_distributions_with_one_entry_point_name_are_refused(
    install: Install, select: Callable[[str], None]
) -> None:
    install(
        {"first-dist": "twin", "second-dist": "twin"},
        {"first-dist": OBSERVING, "second-dist": OBSERVING},
    )
    select("twin")

    with pytest.raises(PluginError, match="plugin 'twin': 2 installed distributions"):
        Plugins()


def test_a_distribution_and_a_given_plugin_of_one_name_are_refused(
    install: Install, select: Callable[[str], None]
) -> None:
    install({"metrics-dist": "metrics"}, {"metrics-dist": OBSERVING})
    select("metrics")

    with pytest.raises(PluginError, match=r"plugin 'metrics'.*has this name too"):
        Plugins(extra={"metrics": Watcher()})


@pytest.mark.parametrize(
    ("selection", "loaded"),
    [
        # Unset: all of them, with whatever else is installed.
        (None, {"one", "two"}),
        # A comma list, to bisect.
        ("one", {"one"}),
        (" two , one ,", {"one", "two"}),
        # Empty: none.
        ("", set()),
    ],
)
def test_the_environment_selects_entry_points(
    selection: str | None,
    loaded: set[str],
    install: Install,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offering = """
from notify_core.plugins import hookimpl
from notify_core.testing import FakeVendor

@hookimpl
def notify_register_providers():
    return [FakeVendor({name!r}).type]
"""
    install(
        {"dist-one": "one", "dist-two": "two"},
        {
            "dist-one": offering.format(name="one"),
            "dist-two": offering.format(name="two"),
        },
    )
    if selection is None:
        monkeypatch.delenv(SELECTION_VARIABLE)
    else:
        monkeypatch.setenv(SELECTION_VARIABLE, selection)

    types = set(Plugins().provider_types)

    assert types & {"one", "two"} == loaded
    assert selection is None or types == loaded


def test_a_selected_name_that_is_not_installed_is_logged(
    select: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    select("nobody")

    Plugins()

    assert "NOTIFY_PLUGINS names 'nobody', which is not installed" in caplog.text


def test_a_twin_that_is_not_selected_does_not_stop_the_search(
    install: Install, select: Callable[[str], None]
) -> None:
    install(
        {"first-dist": "twin", "second-dist": "twin"},
        {"first-dist": OBSERVING, "second-dist": OBSERVING},
    )
    select("")

    assert Plugins().failures == {}


def test_a_plugin_that_ends_the_program_at_import_is_left_out(
    install: Install, select: Callable[[str], None]
) -> None:
    install({"leaving": "leaving"}, {"leaving": "import sys; sys.exit(3)"})
    select("leaving")

    assert isinstance(Plugins().failures["leaving"], SystemExit)


def test_a_class_in_the_place_of_a_plugin_is_left_out(
    monkeypatch: pytest.MonkeyPatch, select: Callable[[str], None], tmp_path: Path
) -> None:
    source = "from notify_core.plugins import hookimpl\n\n\nclass Watcher:\n"
    source += "    @hookimpl\n    def notify_observe(self, event):\n        pass\n"
    (tmp_path / "classy.py").write_text(source)
    info = tmp_path / "classy-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: classy\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[{PROJECT}]\nclassy = classy:Watcher\n")
    monkeypatch.syspath_prepend(tmp_path)
    select("classy")

    plugins = Plugins()

    assert "name an instance of it" in str(plugins.failures["classy"])
    plugins.observe(EVENT)
