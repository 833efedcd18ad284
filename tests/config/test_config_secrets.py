"""Secrets come by reference, and go nowhere."""

import pickle
import traceback
from pathlib import Path
from typing import Any

import pytest

from notify_core.config import load
from notify_core.config.snapshot import Snapshot
from notify_core.errors import ConfigurationError
from notify_core.secret import Secret
from tests.config.bench import Bench

APIKEY = "1q784322ba1d9bb88d50cf5cdfd89k7d"


def configured(settings: str, webhook: str = "") -> str:
    provider = f"{{type: filed, settings: {settings}{webhook}}}"
    return f"version: 1\nproviders:\n  one: {provider}\nroutes: {{pool: one}}\n"


def key_of(snapshot: Snapshot) -> Any:
    return snapshot.providers["one"].settings["key"]


def test_a_secret_setting_becomes_a_secret_and_another_a_text(bench: Bench) -> None:
    bench.environ.update({"KEY": APIKEY, "ACCOUNT": "C7"})

    snapshot = bench.load(configured("{account: {env: ACCOUNT}, key: {env: KEY}}"))

    settings = snapshot.providers["one"].settings
    assert settings["key"] == Secret(APIKEY)
    assert settings["account"] == "C7"
    assert type(settings["account"]) is str


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("s3cr3t", "s3cr3t"),
        ("s3cr3t\n", "s3cr3t"),
        ("s3cr3t\r\n", "s3cr3t"),
        ("s3cr3t\n\n", "s3cr3t\n"),
        (" s3cr3t ", " s3cr3t "),
        ("密钥", "密钥"),
    ],
)
def test_a_file_gives_its_text_without_one_newline_at_its_end(
    written: str, expected: str, bench: Bench
) -> None:
    (bench.folder / "key").write_bytes(written.encode())

    snapshot = bench.load(configured("{account: C1, key: {file: key}}"))

    assert key_of(snapshot).reveal() == expected


def test_a_relative_path_begins_at_the_folder_of_the_configuration(
    bench: Bench, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (bench.folder / "secrets").mkdir()
    (bench.folder / "secrets" / "key").write_text("here")
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "key"
    elsewhere.write_text("there")

    relative = bench.load(configured("{account: C1, key: {file: secrets/key}}"))
    absolute = bench.load(configured(f"{{account: C1, key: {{file: {elsewhere}}}}}"))

    assert key_of(relative).reveal() == "here"
    assert key_of(absolute).reveal() == "there"


def test_a_mapping_may_hold_a_secret_itself(bench: Bench) -> None:
    settings = {"account": "C1", "key": Secret(APIKEY)}

    snapshot = bench.load(
        {
            "version": 1,
            "providers": {"one": {"type": "filed", "settings": settings}},
            "routes": {"pool": "one"},
        }
    )

    assert key_of(snapshot) == Secret(APIKEY)


def test_a_secret_in_the_place_of_anything_else_is_refused(bench: Bench) -> None:
    given = Secret(APIKEY)

    found = bench.errors(
        {
            "version": 1,
            "providers": {
                "one": {"type": "filed", "settings": {"account": given, "key": given}},
                "two": {"type": given},
                "three": {"type": "plain", "webhook": {"tokens": given}},
            },
            "routes": {"pool": "one"},
        }
    )

    assert found == [
        "providers.one.settings.account a Secret is not a text",
        "providers.three.webhook.tokens must be a list, not a Secret",
        "providers.two.type a Secret is not a text",
    ]


def test_a_short_token_given_as_a_secret_is_refused(bench: Bench) -> None:
    webhook = {"tokens": [Secret(""), Secret("15 bytes are few")]}

    found = bench.errors(
        {
            "version": 1,
            "providers": {"one": {"type": "plain", "webhook": webhook}},
            "routes": {"pool": "one"},
        }
    )

    why = "leads to 0 bytes; a token needs 16 or more, made at random"
    assert found == [f"providers.one.webhook.tokens.0 {why}"]


def test_an_empty_secret_given_by_a_program_is_refused(bench: Bench) -> None:
    settings = {"account": "C1", "key": Secret("")}

    found = bench.errors(
        {
            "version": 1,
            "providers": {"one": {"type": "filed", "settings": settings}},
            "routes": {"pool": "one"},
        }
    )

    why = "is empty: the Secret given holds nothing"
    assert found == [f"providers.one.settings.key {why}"]


def test_secrets_within_mappings_and_lists_are_found(bench: Bench) -> None:
    bench.environ["PROXY_PASSWORD"] = APIKEY

    snapshot = bench.load(
        configured(
            "{account: C1, key: {env: KEY}, proxy: {password: {env: PROXY_PASSWORD}}}"
        )
    )

    assert snapshot.providers["one"].settings["proxy"] == {
        "password": Secret(APIKEY),
        "port": 3128,
    }


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty: the file {} holds nothing"),
        (b"\n", "is empty: the file {} holds nothing"),
        (b" \t\r\n", "is empty: the file {} holds nothing"),
        (b"\xff\xfe", "has no value: the file {} is not UTF-8"),
        (b"x" * 65537, "has no value: the file {} is larger than 65536 bytes"),
    ],
    ids=["empty", "newline", "blank", "not UTF-8", "large"],
)
def test_a_file_without_a_usable_text_is_named(
    content: bytes, why: str, bench: Bench
) -> None:
    path = bench.folder / "key"
    path.write_bytes(content)

    found = bench.errors(configured("{account: C1, key: {file: key}}"))

    expected = why.format(path)
    assert found == [f"notify.yaml:3:51 providers.one.settings.key {expected}"]


def test_a_variable_that_is_no_utf8_is_named(bench: Bench) -> None:
    bench.environ["KEY"] = "\udcff" + APIKEY

    [found] = bench.errors(configured("{account: C1, key: {env: KEY}}"))

    assert found.endswith("has no value: the environment variable KEY is not UTF-8")


def test_a_path_that_no_system_has_is_named(bench: Bench) -> None:
    [found] = bench.errors(configured('{account: C1, key: {file: "a\\0b"}}'))

    assert "has no value: the file" in found


LEAKING = {
    "literal": configured(f"{{account: C1, key: {APIKEY}}}"),
    "number": configured("{account: C1, key: 13800138000}"),
    "list": configured(f"{{account: C1, key: [{APIKEY}]}}"),
    "instead of the settings": configured(APIKEY),
    "in place of the variable": configured(f"{{account: C1, key: {{env: {APIKEY}}}}}"),
    "under another key": configured(
        f"{{account: C1, key: {{env: KEY}}, kee: {APIKEY}}}"
    ),
    "instead of a mapping": configured(
        f"{{account: C1, key: {{env: KEY}}, proxy: {APIKEY}}}"
    ),
    "as a token": configured("{}", f", webhook: {{tokens: [{APIKEY}]}}"),
    "as all tokens": configured("{}", f", webhook: {{tokens: {APIKEY}}}"),
    "as the webhook": configured("{}", f", webhook: {APIKEY}"),
    "under a key of the webhook": configured("{}", f", webhook: {{token: {APIKEY}}}"),
    "by reference, where it does not fit": configured(
        "{account: {env: LEAK}, key: {env: LEAK}, port: {env: LEAK}}"
    ),
    "by reference, where it is one of a few": configured(
        "{account: C1, key: {env: LEAK}, format: {env: LEAK}}"
    ),
    "by reference, as a short token": configured(
        "{}", ", webhook: {tokens: [{env: SHORT_LEAK}]}"
    ),
    "in a line of bad syntax": f"version: 1\nkey: {APIKEY}: x\n",
    "before bad syntax": f"version: 1\nkey: {APIKEY}\nother: [\n",
    "in a broken quotation": f'version: 1\nkey: "{APIKEY}\n',
    "in a file that is not UTF-8": "in bytes",
}


@pytest.mark.parametrize("text", LEAKING.values(), ids=LEAKING)
def test_no_secret_is_in_a_message_a_repr_or_a_chain_of_exceptions(
    text: str, bench: Bench
) -> None:
    bench.environ.update({"LEAK": APIKEY, "SHORT_LEAK": APIKEY[:9]})
    path = bench.write(text)
    if text == "in bytes":
        path.write_bytes(f"version: 1\nkey: {APIKEY} \xff\n".encode("latin-1"))

    with pytest.raises(ConfigurationError) as raised:
        load(path, bench.plugins, bench.environ)

    told = [
        str(raised.value),
        repr(raised.value),
        repr(raised.value.problems),
        "".join(traceback.format_exception(raised.value)),
        repr(raised.value.__context__),
        repr(raised.value.__cause__),
    ]
    for leak in (APIKEY, APIKEY[:9], "13800138000"):
        assert not any(leak in text for text in told)


def test_no_secret_is_in_the_repr_of_a_snapshot_and_it_is_written_nowhere(
    bench: Bench,
) -> None:
    bench.environ.update({"KEY": APIKEY, "TOKEN": APIKEY})

    snapshot = bench.load(
        configured(
            "{account: C1, key: {env: KEY}}", ", webhook: {tokens: [{env: TOKEN}]}"
        )
    )

    assert APIKEY not in repr(snapshot)
    assert APIKEY not in repr(dict(snapshot.providers["one"].settings))
    with pytest.raises(TypeError):
        pickle.dumps(key_of(snapshot))


def test_the_environment_of_the_process_is_asked_when_none_is_given(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONLY_IN_THE_PROCESS", APIKEY)
    path: Path = bench.write(
        configured("{account: C1, key: {env: ONLY_IN_THE_PROCESS}}")
    )

    snapshot = load(path, bench.plugins)

    assert key_of(snapshot) == Secret(APIKEY)
