"""The options under `tests`."""

from typing import Any

import pytest

from notify_core.config import load
from notify_core.plugins import Plugins
from notify_core.secret import Secret
from notify_core.testing import FakeVendor
from notify_core.trial import Failure, failures
from tests.builders import NUMBER
from tests.options.configured import CODE, LEAST, TWO, under

NOTICE = {"to": NUMBER, "content": {"text": "Your parcel is here."}}
LOGIN = {"to": NUMBER, "template": "code", "params": {"code": "1234"}}
NIGHT = "2026-01-01T23:30:00Z"
MORNING = "2026-01-02T08:00:00Z"
ONE_AN_HOUR = {"name": "per-number", "key": ["recipient"], "allow": ["1/1h"]}
#: An outbox that keeps what is deferred.
KEPT = {
    "outbox": {"url": "sqlite:///notify.db"},
    "privacy": {"hash_key": Secret("a key of 16 bytes or more")},
}
QUIET = under({"quiet_hours": {"from": "22:00", "to": "08:00"}}, **KEPT)


def failed(test: dict[str, Any], **sections: Any) -> list[Failure]:
    """Return what does not come true of a test of a configuration."""
    configuration = {
        **LEAST,
        "templates": {"code": CODE},
        **sections,
        "tests": [{"name": "the test", "given": NOTICE, **test}],
    }
    return failures(load(configuration, Plugins(extra={"vendor": FakeVendor()})))


def matching(**match: str) -> dict[str, Any]:
    """Return routes of which `hit` is for such messages."""
    return {"pool": "a", "routes": [{"name": "hit", "match": match}]}


def test_what_comes_true_is_no_failure() -> None:
    assert failed({"expect": {"status": "accepted"}}) == []


@pytest.mark.option("tests[].name", instead="another")
def test_a_failure_names_its_test() -> None:
    (failure,) = failed({"expect": {"status": "rejected"}})

    assert failure.test == "the test"


@pytest.mark.option("tests[].at")
def test_a_test_begins_at_its_time() -> None:
    test = {"at": NIGHT, "expect": {"status": "deferred"}}

    assert failed(test, **QUIET) == []


@pytest.mark.option("tests[].repeat")
def test_messages_are_sent_so_often() -> None:
    test = {"repeat": 2, "expect": {"status": "rejected"}}

    assert failed(test, **under({"limits": [ONE_AN_HOUR]})) == []


@pytest.mark.option("tests[].every")
def test_messages_are_sent_at_this_distance() -> None:
    test = {"repeat": 2, "every": "2h", "expect": {"status": "accepted"}}

    assert failed(test, **under({"limits": [ONE_AN_HOUR]})) == []


@pytest.mark.option("tests[].when.*")
def test_a_provider_answers_as_it_is_told() -> None:
    test = {"when": {"a": "provider_error"}, "expect": {"providers": ["a", "b"]}}
    sections = {"pools": {"both": {"members": ["a", "b"]}}, "routes": {"pool": "both"}}

    assert failed(test, providers=TWO, **sections) == []


@pytest.mark.option("tests[].given.to", instead="+447911123456")
def test_a_message_has_its_recipient() -> None:
    test = {"expect": {"route": "hit"}}

    assert failed(test, routes=matching(country="CN")) == []


@pytest.mark.option("tests[].given.channel")
def test_a_message_has_its_channel() -> None:
    given = {**NOTICE, "channel": "voice"}
    test = {"given": given, "expect": {"route": "hit"}}

    assert failed(test, routes=matching(channel="voice")) == []


@pytest.mark.option("tests[].given.kind")
def test_a_message_has_its_kind() -> None:
    test = {"given": {**NOTICE, "kind": "marketing"}, "expect": {"route": "hit"}}

    assert failed(test, routes=matching(kind="marketing")) == []


@pytest.mark.option("tests[].given.template")
def test_a_message_has_its_template() -> None:
    test = {"given": LOGIN, "expect": {"route": "hit"}}

    assert failed(test, routes=matching(template="code")) == []


@pytest.mark.option("tests[].given.params")
def test_a_message_has_its_params() -> None:
    assert failed({"given": LOGIN, "expect": {"status": "accepted"}}) == []


NO_CASINO = under({"content": {"forbid": ["casino"]}})


def saying(**content: str) -> dict[str, Any]:
    """Return a test of a message with this content, which nobody is to get."""
    given = {"to": NUMBER, "content": {"text": "A parcel.", **content}}
    return {"given": given, "expect": {"reason": "policy_content"}}


@pytest.mark.option("tests[].given.content.text", instead="A parcel.")
def test_a_message_has_its_text() -> None:
    assert failed(saying(text="Casino!"), **NO_CASINO) == []


@pytest.mark.option("tests[].given.content.subject")
def test_a_message_has_its_subject() -> None:
    assert failed(saying(subject="Casino!"), **NO_CASINO) == []


@pytest.mark.option("tests[].given.content.html")
def test_a_message_has_its_html() -> None:
    assert failed(saying(html="<p>Casino!</p>"), **NO_CASINO) == []


@pytest.mark.option("tests[].given.sender")
def test_a_message_has_its_sender() -> None:
    test = {"given": {**NOTICE, "sender": "shop"}, "expect": {"route": "hit"}}

    assert failed(test, routes=matching(sender="shop")) == []


@pytest.mark.option("tests[].given.locale")
def test_a_message_has_its_locale() -> None:
    test = {"given": {**NOTICE, "locale": "zh-CN"}, "expect": {"route": "hit"}}

    assert failed(test, routes=matching(locale="zh-CN")) == []


@pytest.mark.option("tests[].given.importance")
def test_a_message_has_its_importance() -> None:
    test = {"given": {**NOTICE, "importance": "high"}, "expect": {"route": "hit"}}

    assert failed(test, routes=matching(importance="high")) == []


@pytest.mark.option("tests[].given.labels.*")
def test_a_message_has_its_labels() -> None:
    test = {"given": {**NOTICE, "labels": {"tenant": "a1"}}, "expect": {"route": "hit"}}

    assert failed(test, routes=matching(**{"labels.tenant": "a1"})) == []


@pytest.mark.option("tests[].given.extra.*")
def test_a_message_has_its_options_for_vendors() -> None:
    given = {**NOTICE, "extra": {"nobody": {}}}

    assert failed({"given": given, "expect": {"invalid": ["/extra/nobody"]}}) == []


@pytest.mark.option("tests[].given.route")
def test_a_message_may_name_its_route() -> None:
    test = {"given": {**NOTICE, "route": "hit"}, "expect": {"route": "hit"}}

    assert failed(test, routes=matching(kind="otp")) == []


@pytest.mark.option("tests[].given.idempotency_key")
def test_a_message_may_have_an_idempotency_key() -> None:
    given = {**NOTICE, "idempotency_key": "order-4711"}
    test = {"given": given, "repeat": 2, "expect": {"status": "accepted"}}

    assert failed(test, **under({"limits": [ONE_AN_HOUR]})) == []


@pytest.mark.option("tests[].given.validity")
def test_a_message_has_its_validity() -> None:
    given = {**NOTICE, "validity": "5m"}
    test = {"at": NIGHT, "given": given, "expect": {"status": "expired"}}

    assert failed(test, **QUIET) == []


def told(name: str, expected: Any, **sections: Any) -> list[str]:
    """Return what is told of an expectation, beside one that comes true."""
    test = {"at": NIGHT, "expect": {"attempts": 1, name: expected}}
    found = failed(test, **sections)
    return [str(d) for failure in found for d in failure.differences]


@pytest.mark.option("tests[].expect.route")
def test_the_route_is_expected() -> None:
    found = told("route", "hit", routes=matching(kind="otp"))

    assert found == ["route: expected hit, got root"]


@pytest.mark.option("tests[].expect.policy")
def test_the_policy_set_is_expected() -> None:
    found = told("policy", "other", policies={"other": {}})

    assert found == ["policy: expected other, got default"]


@pytest.mark.option("tests[].expect.pool")
def test_the_pool_is_expected() -> None:
    found = told("pool", "b", providers=TWO)

    assert found == ["pool: expected b, got a"]


@pytest.mark.option("tests[].expect.status")
def test_the_status_is_expected() -> None:
    found = told("status", "rejected")

    assert found == ["status: expected rejected, got accepted"]


@pytest.mark.option("tests[].expect.reason")
def test_the_reason_is_expected() -> None:
    found = told("reason", "expired")

    assert found == ["reason: expected expired, got none"]


@pytest.mark.option("tests[].expect.attempts")
def test_the_number_of_attempts_is_expected() -> None:
    found = failed({"expect": {"status": "accepted", "attempts": 2}})

    assert [str(f.differences[0]) for f in found] == ["attempts: expected 2, got 1"]


@pytest.mark.option("tests[].expect.providers")
def test_the_providers_are_expected() -> None:
    found = told("providers", ["a", "a"])

    assert found == ["providers: expected a, a, got a"]


@pytest.mark.option("tests[].expect.retry_at")
def test_the_time_of_a_deferral_is_expected() -> None:
    found = told("retry_at", MORNING)

    assert found == [f"retry_at: expected {MORNING.replace('Z', '+00:00')}, got none"]


@pytest.mark.option("tests[].expect.invalid")
def test_what_is_wrong_with_a_message_is_expected() -> None:
    given = {**NOTICE, "to": "nobody"}

    assert failed({"given": given, "expect": {"invalid": ["/to"]}}) == []
