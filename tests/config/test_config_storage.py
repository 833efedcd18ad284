"""Where messages live: what is checked before anything is opened."""

from pathlib import Path

from tests.config.bench import Bench

REST = "providers: {one: {type: plain}}\nroutes: {pool: one}\n"


def configured(url: str, hash_key: str = "{env: TOKEN}") -> str:
    head = f"version: 1\noutbox: {{url: {url}}}\nprivacy: {{hash_key: {hash_key}}}\n"
    return head + REST


def test_a_password_in_the_url_of_the_outbox_is_refused_and_not_shown(
    bench: Bench,
) -> None:
    (error,) = bench.errors(configured("'postgresql://u:S3cretPw@h/x'"))

    assert "outbox.url holds a password" in error
    assert "write {env: NAME} or {file: path}" in error
    assert "S3cretPw" not in error


def test_a_password_in_a_url_that_stands_elsewhere_is_taken(bench: Bench) -> None:
    bench.environ["OUTBOX"] = "postgresql://u:S3cretPw@h/x"

    report = bench.check(configured("{env: OUTBOX}"))

    assert (report.errors, report.warnings) == ((), ())


def test_a_folder_that_does_not_exist_is_warned_of(bench: Bench) -> None:
    report = bench.check(configured("sqlite:///nodir/x.db"))

    (warning,) = report.warnings
    assert warning.pointer == "/outbox/url"
    assert f"needs the folder {bench.folder}/nodir" in warning.message
    assert "make it before the start" in warning.message


def test_a_folder_that_a_reference_leads_to_is_warned_of_and_not_shown(
    bench: Bench,
) -> None:
    bench.environ["OUTBOX"] = "sqlite:///nodir/x.db"

    (warning,) = bench.check(configured("{env: OUTBOX}")).warnings

    assert "needs a folder that does not exist" in warning.message
    assert "nodir" not in warning.message


def test_a_folder_that_exists_is_not_warned_of(bench: Bench) -> None:
    Path(bench.folder, "state").mkdir()

    report = bench.check(configured("sqlite:///state/x.db"))

    assert (report.errors, report.warnings) == ((), ())


def test_the_url_and_the_key_are_both_told_when_both_are_wrong(bench: Bench) -> None:
    of_key = {
        "{env: SHORT}": "leads to 15 bytes",
        "{env: NOBODY}": "NOBODY is not set",
        "short": "privacy.hash_key",
    }

    for key, said in of_key.items():
        errors = bench.errors(configured("mysql://h/x", key))

        assert len(errors) == 2
        assert "outbox.url names no outbox" in errors[0]
        assert said in errors[1]
