from __future__ import annotations

import json

from tests.cli.conftest import Notify


def test_the_schema_has_the_settings_of_the_installed_types(notify: Notify) -> None:
    ended = notify("schema")

    schema = json.loads(ended.stdout)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "base_url" in json.dumps(schema["$defs"])
    assert notify("schema", "--json").stdout == ended.stdout
