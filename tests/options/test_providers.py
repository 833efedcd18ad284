"""The options under `providers`."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from notify_core.cli import main
from notify_core.model.outcome import Reason
from notify_core.model.webhook import WebhookReply, WebhookRequest
from notify_core.provider import Account
from notify_core.testing import FakeClock, FakeProvider, FakeVendor
from tests.builders import TOKEN, text
from tests.options.configured import CODE, TWO, each, one, opened

REPLY = b'{"from": "+8613800138000", "text": "hello"}'
OTHER_TOKEN = "another-t0ken-of-the-tests"  # noqa: S105 (it opens nothing)


@pytest.fixture(autouse=True)
def tokens(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep two tokens where references lead."""
    monkeypatch.chdir(tmp_path)
    for name, token in (("token", TOKEN), ("other", OTHER_TOKEN)):
        monkeypatch.setenv(name.upper(), token)
        Path(name).write_text(token)


async def pushed(
    webhook: dict[str, Any], vendor: FakeVendor, source: str | None = None
) -> WebhookReply:
    """Return what a push gets that shows `TOKEN`."""
    request = WebhookRequest(url="", body=REPLY, token=TOKEN, source=source)
    providers = {"a": {"type": "fake", "webhook": webhook}}
    async with opened({"providers": providers}, vendor) as notifier:
        return await notifier.receive("a", request)


@pytest.mark.option("providers.*.type", instead="other")
async def test_a_provider_is_of_its_type(vendor: FakeVendor) -> None:
    other = FakeVendor("other")

    async with opened({}, vendor, other) as notifier:
        await notifier.send(text())

    assert len(vendor["a"].submissions) == 1
    assert other["a"].submissions == []


@pytest.mark.option("providers.*.settings")
async def test_a_provider_has_its_settings(vendor: FakeVendor) -> None:
    settings = {"answers": ["content_rejected"]}

    result = await one(
        {"providers": {"a": {"type": "fake", "settings": settings}}}, vendor=vendor
    )

    assert result.reason is Reason.CONTENT_REJECTED


@pytest.mark.option("providers.*.webhook.tokens[].env", instead="OTHER")
async def test_a_push_shows_a_token_from_the_environment(vendor: FakeVendor) -> None:
    reply = await pushed({"tokens": [{"env": "TOKEN"}]}, vendor)

    assert reply.status == 200


@pytest.mark.option("providers.*.webhook.tokens[].file", instead="other")
async def test_a_push_shows_a_token_from_a_file(vendor: FakeVendor) -> None:
    reply = await pushed({"tokens": [{"file": "token"}]}, vendor)

    assert reply.status == 200


@pytest.mark.option("providers.*.webhook.public_url")
async def test_a_vendor_can_be_told_where_to_push() -> None:
    told: list[str] = []

    def create(account: Account) -> FakeProvider:
        told.append("" if (url := account.callback_url) is None else url.reveal())
        return FakeProvider()

    webhook = {"tokens": [{"env": "TOKEN"}], "public_url": "https://n.example/a"}

    await pushed(webhook, FakeVendor(create=create))

    assert told == [f"https://n.example/a/{TOKEN}"]


@pytest.mark.option("providers.*.webhook.allow_from")
async def test_a_push_from_elsewhere_is_refused(vendor: FakeVendor) -> None:
    webhook = {"tokens": [{"env": "TOKEN"}], "allow_from": ["203.0.113.0/24"]}

    inside = await pushed(webhook, vendor, source="203.0.113.7")
    outside = await pushed(webhook, vendor, source="198.51.100.7")

    assert (inside.status, outside.status) == (200, 403)


async def taken(vendor: FakeVendor, waits: list[float], **options: Any) -> list[str]:
    """Return who has each message, sent after these seconds; `a` cannot be reached."""
    clock = FakeClock()
    vendor["a"].answers(*[Reason.CONNECT_FAILED] * 9)
    configuration = {
        "providers": {**TWO, "a": {"type": "fake", **options}},
        "pools": {"both": {"members": ["a", "b"]}},
        "routes": {"pool": "both"},
    }
    async with opened(configuration, vendor, clock=clock) as notifier:
        for wait in waits:
            clock.advance(wait)
            await notifier.send(text())
    return [name for name in "ab" for _ in vendor[name].submissions]


@pytest.mark.option("providers.*.health.failures")
async def test_a_provider_rests_after_so_many_faults(vendor: FakeVendor) -> None:
    asked = await taken(vendor, [0, 0, 0, 0], health={"failures": 2})

    assert asked == ["a", "a", "b", "b", "b", "b"]


@pytest.mark.option("providers.*.health.rest")
async def test_a_provider_rests_so_long(vendor: FakeVendor) -> None:
    asked = await taken(vendor, [0, 60], health={"failures": 1, "rest": "2m"})

    assert asked == ["a", "b", "b"]


@pytest.mark.option("providers.*.max_rate")
async def test_a_provider_is_asked_no_more_often_than_its_rate(
    vendor: FakeVendor,
) -> None:
    configuration = {
        "providers": {**TWO, "a": {"type": "fake", "max_rate": "1/h"}},
        "pools": {"both": {"members": ["a", "b"]}},
        "routes": {"pool": "both"},
    }

    results = await each(configuration, text(), text(), vendor=vendor)

    assert [r.attempts[0].provider for r in results] == ["a", "b"]


@pytest.mark.option("providers.*.price.per_segment", instead="0.9")
@pytest.mark.option("providers.*.price.currency", instead="USD")
def test_a_template_shows_what_it_would_cost(tmp_path: Path) -> None:
    price = {"per_segment": "0.045", "currency": "CNY"}
    configuration = {
        "version": 1,
        "providers": {"a": {"type": "console", "price": price}},
        "templates": {"code": CODE},
        "routes": {"pool": "a"},
    }
    file = tmp_path / "notify.yaml"
    file.write_text(yaml.safe_dump(configuration))
    arguments = ["template", "render", "code", "--param", "code=1234"]

    shown = CliRunner().invoke(main, [*arguments, "--config", str(file)])

    assert "0.045 CNY" in shown.output
