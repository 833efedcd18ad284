"""When a provider rests, as the configuration says it."""

from datetime import timedelta
from typing import Any

import pytest

from notify_core.errors import ConfigurationError
from notify_core.routing.health.settings import HealthSettings
from notify_core.schemas import public_schema
from tests.config.bench import Bench

CONFIG = "https://notify-core.example/schemas/config.schema.json"


def with_health(health: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": 1,
        "providers": {"one": {"type": "plain", "health": health}},
        "routes": {"pool": "one"},
    }


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({}, HealthSettings()),
        ({"failures": 2}, HealthSettings(failures=2)),
        ({"rest": "2m"}, HealthSettings(rest=timedelta(minutes=2))),
    ],
    ids=["default", "failures", "rest"],
)
def test_each_option_of_health_is_read(
    bench: Bench, written: dict[str, Any], read: HealthSettings
) -> None:
    snapshot = bench.load(with_health(written))

    assert snapshot.providers["one"].health == read


@pytest.mark.parametrize(
    "written",
    [
        {"failures": 0},
        {"failures": "5"},
        {"rest": 30},
        {"rest": "soon"},
        {"rests": "30s"},
    ],
)
def test_what_is_no_option_of_health_is_an_error(
    bench: Bench, written: dict[str, Any]
) -> None:
    with pytest.raises(ConfigurationError, match=r"providers\.one\.health"):
        bench.load(with_health(written))


def test_the_defaults_of_health_are_those_of_the_schema(bench: Bench) -> None:
    options = public_schema(CONFIG)["$defs"]["health"]["properties"]

    snapshot = bench.load(with_health({n: o["default"] for n, o in options.items()}))

    assert snapshot.providers["one"].health == HealthSettings()
