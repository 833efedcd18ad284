"""Every option of a configuration does what the documentation says."""

from datetime import UTC, timedelta
from ipaddress import ip_network
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from notify_core.config.snapshot import Snapshot
from notify_core.model.channel import Kind
from notify_core.model.outcome import Disposition, Reason
from notify_core.model.template import Binding, BindingMode
from notify_core.policy.backoff import Backoff
from notify_core.policy.policy_set import (
    OnUnknown,
    PolicySet,
    ReceiptDeadline,
    Settling,
    Then,
)
from notify_core.provider import ReceiptMode
from notify_core.routing.pool import Pool
from notify_core.routing.route import Route
from notify_core.secret import Secret
from notify_core.transmission import Timeouts
from tests.config.bench import FILED, Bench

SPAN = timedelta(seconds=20)
FILED_ACCOUNT = {"account": "C1", "key": {"env": "KEY"}}


@pytest.fixture
def written() -> dict[str, Any]:
    """A configuration to change."""
    return {
        "version": 1,
        "providers": {"one": {"type": "plain"}, "two": {"type": "plain"}},
        "routes": {"pool": "one"},
    }


def with_policy(written: dict[str, Any], policy: dict[str, Any]) -> dict[str, Any]:
    return {
        **written,
        "policies": {"given": policy},
        "routes": {"pool": "one", "policy": "given"},
    }


def with_provider(written: dict[str, Any], provider: dict[str, Any]) -> dict[str, Any]:
    return {**written, "providers": {"one": provider}}


def effort_of(policy: PolicySet) -> PolicySet:
    """Return how hard a set tries, without its policies."""
    return attrs.evolve(policy, admission=(), origins={})


def test_the_least_configuration_has_the_defaults(
    bench: Bench, written: dict[str, Any]
) -> None:
    snapshot = bench.load(written)

    assert snapshot.region is None
    assert snapshot.timezone is UTC
    assert snapshot.templates == {}
    root = snapshot.routes.root
    assert attrs.evolve(root, policy=PolicySet()) == Route(pool=Pool.of("one", "one"))
    assert effort_of(root.policy) == PolicySet()
    assert [named.name for named in root.policy.admission] == ["suppression"]
    assert snapshot.providers["one"].webhook is None


def test_defaults_region_and_timezone(bench: Bench, written: dict[str, Any]) -> None:
    defaults = {"region": "CN", "timezone": "Asia/Shanghai"}

    snapshot = bench.load({**written, "defaults": defaults})

    assert snapshot.region == "CN"
    assert snapshot.timezone == ZoneInfo("Asia/Shanghai")


def test_a_provider_has_its_type_its_name_and_what_its_account_can_do(
    bench: Bench, written: dict[str, Any]
) -> None:
    settings = {**FILED_ACCOUNT, "format": "xml"}

    snapshot = bench.load(
        with_provider(written, {"type": "filed", "settings": settings})
    )

    provider = snapshot.providers["one"]
    assert provider.name == "one"
    assert provider.type is FILED
    assert provider.account == "C1"
    assert provider.capabilities.receipts is ReceiptMode.NONE


def test_webhook_tokens_public_url_and_allow_from(
    bench: Bench, written: dict[str, Any]
) -> None:
    webhook = {
        "tokens": [{"env": "TOKEN"}, Secret("another-of-22-characters")],
        "public_url": "https://n.example/webhooks/one?x=1",
        "allow_from": ["203.0.113.0/24", "198.51.100.7", "2001:db8::/32"],
    }

    snapshot = bench.load(with_provider(written, {"type": "plain", "webhook": webhook}))

    found = snapshot.providers["one"].webhook
    assert found is not None
    assert [token.reveal() for token in found.tokens] == [
        "token-of-22-characters",
        "another-of-22-characters",
    ]
    assert found.public_url == "https://n.example/webhooks/one?x=1"
    assert found.allow_from == (
        ip_network("203.0.113.0/24"),
        ip_network("198.51.100.7/32"),
        ip_network("2001:db8::/32"),
    )


def test_a_webhook_without_sources_takes_pushes_from_everywhere(
    bench: Bench, written: dict[str, Any]
) -> None:
    webhook = {"tokens": [{"env": "TOKEN"}]}

    snapshot = bench.load(with_provider(written, {"type": "plain", "webhook": webhook}))

    found = snapshot.providers["one"].webhook
    assert found is not None
    assert found.allow_from == ()
    assert found.public_url is None


def test_a_pool_keeps_the_order_of_its_members(
    bench: Bench, written: dict[str, Any]
) -> None:
    pools = {"main": {"strategy": "ordered", "members": ["two", "one"]}}

    snapshot = bench.load({**written, "pools": pools, "routes": {"pool": "main"}})

    assert snapshot.routes.root.pool == Pool.of("main", "two", "one")


def test_a_route_may_name_a_provider_which_is_a_pool_of_one(
    bench: Bench, written: dict[str, Any]
) -> None:
    snapshot = bench.load({**written, "routes": {"pool": "two"}})

    assert snapshot.routes.root.pool == Pool.of("two", "two")


POLICIES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "nothing": ({}, {}),
    "deadline": ({"deadline": "20s"}, {"deadline": timedelta(seconds=20)}),
    "connect": (
        {"attempt_timeout": {"connect": "500ms"}},
        {"attempt_timeout": Timeouts(connect=0.5)},
    ),
    "read": (
        {"attempt_timeout": {"read": "9s"}},
        {"attempt_timeout": Timeouts(read=9.0)},
    ),
    "max_attempts": ({"max_attempts": 7}, {"max_attempts": 7}),
    "settle": (
        {"on_unknown": {"settle": ["receipt", "query"]}},
        {"on_unknown": OnUnknown(settle=(Settling.RECEIPT, Settling.QUERY))},
    ),
    "within": (
        {"on_unknown": {"within": "45s", "then": "stop"}},
        {"on_unknown": OnUnknown(within=timedelta(seconds=45))},
    ),
    "then": (
        {"on_unknown": {"then": "failover"}, "duplicates": "allowed"},
        {"on_unknown": OnUnknown(then=Then.FAILOVER), "duplicates": True},
    ),
    "receipt_deadline": (
        {"receipt_deadline": "72h"},
        {"receipt_deadline": ReceiptDeadline(within=timedelta(hours=72))},
    ),
    "receipt_deadline_then": (
        {"receipt_deadline": {"within": "20s", "then": "failover"}}
        | {"duplicates": "allowed"},
        {"receipt_deadline": ReceiptDeadline(within=SPAN, then=Then.FAILOVER)}
        | {"duplicates": True},
    ),
    "duplicates": ({"duplicates": "allowed"}, {"duplicates": True}),
    "validity": ({"validity": "5m"}, {"validity": timedelta(minutes=5)}),
    "first": (
        {"retry": {"first": "1s"}},
        {"retry": Backoff(first=timedelta(seconds=1))},
    ),
    "factor": ({"retry": {"factor": 1.5}}, {"retry": Backoff(factor=1.5)}),
    "longest": (
        {"retry": {"longest": "1m"}},
        {"retry": Backoff(longest=timedelta(minutes=1))},
    ),
    "reasons": (
        {"reasons": {"recipient_unreachable": "failover"}},
        {"reasons": {Reason.RECIPIENT_UNREACHABLE: Disposition.FAILOVER}},
    ),
}


@pytest.mark.parametrize(("policy", "expected"), POLICIES.values(), ids=POLICIES)
def test_each_option_of_a_policy_set_is_read_and_the_rest_is_default(
    policy: dict[str, Any],
    expected: dict[str, Any],
    bench: Bench,
    written: dict[str, Any],
) -> None:
    snapshot = bench.load(with_policy(written, policy))

    used = snapshot.routes.root.policy
    assert effort_of(used) == PolicySet(name="given", **expected)
    assert used.origins.items() >= dict.fromkeys(policy, "given").items()
    assert [named.name for named in used.admission] == ["suppression"]


def test_a_route_has_its_name_and_may_let_free_texts_through(
    bench: Bench, written: dict[str, Any]
) -> None:
    routes = {"name": "everything", "pool": "one", "free_text": True}

    snapshot = bench.load({**written, "routes": routes})

    assert snapshot.routes.root.name == "everything"
    assert snapshot.routes.root.free_text is True


def snapshot_of_template(
    bench: Bench, written: dict[str, Any], template: dict[str, Any]
) -> Snapshot:
    return bench.load(
        {
            **written,
            "providers": {
                "one": {"type": "filed", "settings": FILED_ACCOUNT},
                "two": {"type": "ids"},
            },
            "templates": {"code": {"kind": "otp", **template}},
        }
    )


PARAMS = {
    "type": "object",
    "properties": {"code": {"type": "string"}, "minutes": {"type": "string"}},
    "required": ["code"],
    "additionalProperties": False,
}


def test_a_template_has_its_kind_its_params_and_its_text(
    bench: Bench, written: dict[str, Any]
) -> None:
    template = {"params": PARAMS, "text": "Code {{ code }}"}

    snapshot = snapshot_of_template(bench, written, template)

    made = snapshot.templates["code"]
    assert made.template.name == "code"
    assert made.template.kind is Kind.OTP
    assert made.params.problems({"code": "1234"}) == []
    assert len(made.params.problems({"minutes": "5"})) == 1
    assert made.text is not None
    assert made.text.render({"code": "1234"}) == "Code 1234"


def test_a_template_without_params_takes_none(
    bench: Bench, written: dict[str, Any]
) -> None:
    snapshot = snapshot_of_template(bench, written, {"text": "Hello"})

    params = snapshot.templates["code"].params
    assert params.problems({}) == []
    assert len(params.problems({"code": "1234"})) == 1


@pytest.mark.parametrize(
    ("binding", "expected"),
    [
        ({"template_id": "1"}, Binding(template_id="1")),
        ({"template_id": "1", "mode": "id"}, Binding(template_id="1")),
        ({"mode": "text"}, Binding(mode=BindingMode.TEXT)),
        (
            {"template_id": "1", "params": ["minutes", "code"]},
            Binding(template_id="1", params=(("minutes", "minutes"), ("code", "code"))),
        ),
        (
            {"template_id": "1", "params": {"ttl": "minutes", "otp": "code"}},
            Binding(template_id="1", params=(("ttl", "minutes"), ("otp", "code"))),
        ),
        (
            {"template_id": "1", "sender": "示例"},
            Binding(template_id="1", sender="示例"),
        ),
    ],
    ids=["id", "mode id", "mode text", "list", "mapping", "sender"],
)
def test_each_option_of_a_binding_is_read(
    binding: dict[str, Any],
    expected: Binding,
    bench: Bench,
    written: dict[str, Any],
) -> None:
    template = {"params": PARAMS, "text": "{{ code }}", "bindings": {"one": binding}}

    snapshot = snapshot_of_template(bench, written, template)

    assert snapshot.templates["code"].template.bindings == {"one": expected}


def test_a_binding_by_provider_name_goes_before_one_by_type(
    bench: Bench, written: dict[str, Any]
) -> None:
    bindings = {"filed": {"template_id": "by type"}, "one": {"template_id": "by name"}}

    snapshot = snapshot_of_template(bench, written, {"bindings": bindings})

    template = snapshot.templates["code"]
    by_name, by_type = (template.binding_for(n, "filed") for n in ("one", "other"))
    assert by_name is not None
    assert by_name.template_id == "by name"
    assert by_type is not None
    assert by_type.template_id == "by type"


def test_a_snapshot_cannot_be_changed(bench: Bench, written: dict[str, Any]) -> None:
    snapshot = bench.load(written)

    for mapping in (
        snapshot.providers,
        snapshot.templates,
        snapshot.providers["one"].settings,
    ):
        with pytest.raises(TypeError):
            mapping["other"] = None  # type: ignore[index]  # what is tried here


def test_the_hash_is_that_of_the_content_and_not_of_its_form(bench: Bench) -> None:
    block = "version: 1\nproviders:\n  one:\n    type: plain\nroutes:\n  pool: one\n"
    flow = (
        "# The same\nversion: 1\nproviders: {one: {type: plain}}\nroutes: {pool: one}"
    )

    assert bench.load(block).hash == bench.load(flow).hash
    assert len(bench.load(block).hash) == 12
    assert set(bench.load(block).hash) <= set("0123456789abcdef")


def test_the_hash_changes_with_the_content(
    bench: Bench, written: dict[str, Any]
) -> None:
    before = bench.load(written).hash

    after = bench.load({**written, "routes": {"pool": "two"}}).hash

    assert before != after


def test_the_hash_does_not_depend_on_secrets(
    bench: Bench, written: dict[str, Any]
) -> None:
    def hashed(key: Any) -> str:
        settings = {"account": "C1", "key": key}
        provider = {"type": "filed", "settings": settings}
        return bench.load(with_provider(written, provider)).hash

    before = hashed({"env": "KEY"})
    bench.environ["KEY"] = "another"

    assert hashed({"env": "KEY"}) == before
    assert hashed(Secret("one")) == hashed(Secret("two"))
