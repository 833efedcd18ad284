from __future__ import annotations

import json
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.cli.conftest import Notify


def test_the_exposition_can_be_scraped_and_has_the_balance(notify: Notify) -> None:
    ended = notify("metrics")

    families = list(text_string_to_metric_families(ended.stdout))
    balances = [s for f in families for s in f.samples if "provider_balance" in s.name]
    assert ended.exit_code == 0
    assert (balances[0].labels["provider"], balances[0].value) == ("first", 100)


def test_metrics_are_json(notify: Notify) -> None:
    document = json.loads(notify("metrics", "--json").stdout)

    names = {sample["name"] for sample in document["metrics"]}
    assert {"notify_config_info", "notify_attempts_total"} <= names
    assert document["balances"][0]["provider"] == "first"


def test_a_balance_that_cannot_be_had_is_told_beside_the_metrics(
    notify: Notify,
) -> None:
    text = Path("notify.yaml").read_text().replace("type: fake", "type: broke")
    Path("notify.yaml").write_text(text)

    ended = notify("metrics")

    assert ended.exit_code == 1
    assert "notify_config_info" in ended.stdout
    assert ended.stderr == "first: HTTP 500 without a balance\n"
