"""Messages through the service: one, many, shown, cancelled."""

from __future__ import annotations

import asyncio
import json

import pytest
from jsonschema import Draft202012Validator
from yarl import URL

from notify_core import Answer, Outcome, Reason
from notify_core.provider import Submission
from notify_core.server.contract import openapi
from tests.server.serving import (
    CODE,
    NDJSON,
    NUMBER,
    PUSH_TOKEN,
    Serving,
    bearer,
    new_key,
)

TEXT = {"to": NUMBER, "content": {"text": "Your parcel is here."}}


async def test_a_message_is_sent_and_its_outcome_answered(service: Serving) -> None:
    async with service.client.post("/v1/messages", json=CODE) as answer:
        told = await answer.json()

    assert answer.status == 200
    assert told["status"] == "accepted"
    assert answer.headers["Location"] == f"/v1/messages/{told['id']}"
    assert len(service.vendor["a"].submissions) == 1


async def test_an_outcome_is_no_error_of_http(service: Serving) -> None:
    service.vendor["a"].answers(Reason.RECIPIENT_INVALID)

    async with service.client.post("/v1/messages", json=CODE) as answer:
        told = await answer.json()

    assert answer.status == 200
    assert (told["status"], told["reason"]) == ("rejected", "recipient_invalid")


async def test_a_message_that_cannot_be_sent_is_told_fault_by_fault(
    service: Serving,
) -> None:
    wrong = {"to": "12", "template": "login-code", "params": {}, "colour": "red"}

    async with service.client.post("/v1/messages", json=wrong) as answer:
        told = await answer.json()

    assert answer.status == 422
    assert answer.content_type == "application/problem+json"
    assert told["type"] == "urn:notify-core:problem:invalid-message"
    assert [error["pointer"] for error in told["errors"]] == ["/colour"]
    assert told["request_id"] == answer.headers["X-Request-Id"]


async def test_a_message_is_shown_with_attempts_receipts_and_events(
    service: Serving,
) -> None:
    async with service.client.post("/v1/messages", json=CODE) as answer:
        sent = await answer.json()
    receipt = {"id": sent["attempts"][0]["provider_id"], "state": "delivered"}
    for _ in range(2):  # the second tells nothing new
        await service.client.post(f"/webhooks/a/{PUSH_TOKEN}", json=receipt)

    async with service.client.get(f"/v1/messages/{sent['id']}") as answer:
        shown = await answer.json()

    (heard,) = shown["receipts"]
    assert (shown["id"], shown["status"]) == (sent["id"], "delivered")
    assert shown["attempts"][0]["provider"] == "a"
    assert (heard["attempt"], heard["state"], heard["at"]) == (1, "delivered", None)
    assert [
        (event["type"], event["provider"], event["outcome"], event["state"])
        for event in shown["events"]
    ] == [
        ("accepted", None, None, None),
        ("attempted", "a", "accepted", None),
        ("receipt_matched", "a", None, "delivered"),
    ]
    known = {"$ref": "#/components/schemas/Known", **openapi()}
    Draft202012Validator(known).validate(shown)


async def test_a_message_that_nobody_sent_is_not_found(service: Serving) -> None:
    async with service.client.get("/v1/messages/nobody") as answer:
        told = await answer.json()

    assert answer.status == 404
    assert told["type"] == "urn:notify-core:problem:not-found"


async def test_the_same_key_gives_the_first_result_again(service: Serving) -> None:
    again = {"Idempotency-Key": "order-4711"}

    async with service.client.post("/v1/messages", json=CODE, headers=again) as answer:
        first = await answer.json()
    async with service.client.post("/v1/messages", json=CODE, headers=again) as answer:
        second = await answer.json()

    assert first == second
    assert len(service.vendor["a"].submissions) == 1


async def test_the_same_key_for_other_content_is_a_conflict(service: Serving) -> None:
    again = {"Idempotency-Key": "order-4711"}

    async with service.client.post("/v1/messages", json=CODE, headers=again):
        pass
    async with service.client.post("/v1/messages", json=TEXT, headers=again) as answer:
        told = await answer.json()

    assert answer.status == 409
    assert told["type"] == "urn:notify-core:problem:idempotency-conflict"


async def test_callers_do_not_share_idempotency_keys(service: Serving) -> None:
    other = bearer(new_key(service.keys, name="billing"))
    again = {"Idempotency-Key": "order-4711"}

    async with service.client.post("/v1/messages", json=CODE, headers=again) as answer:
        first = await answer.json()
    async with service.client.post(
        "/v1/messages", json=CODE, headers=again | other
    ) as answer:
        second = await answer.json()

    assert first["id"] != second["id"]


async def test_header_and_message_may_not_name_different_keys(
    service: Serving,
) -> None:
    message = CODE | {"idempotency_key": "one"}
    header = {"Idempotency-Key": "two"}

    async with service.client.post(
        "/v1/messages", json=message, headers=header
    ) as answer:
        told = await answer.json()

    assert answer.status == 422
    assert told["errors"][0]["pointer"] == "/idempotency_key"


async def test_an_array_has_an_outcome_for_each(service: Serving) -> None:
    many = [CODE, {"to": "12"}, TEXT]

    async with service.client.post("/v1/messages", json=many) as answer:
        told = (await answer.json())["messages"]

    assert answer.status == 200
    assert [entry["index"] for entry in told] == [0, 1, 2]
    assert told[0]["result"]["status"] == "accepted"
    assert told[1]["problem"]["status"] == 422
    assert told[2]["result"]["status"] == "accepted"


async def test_an_array_has_a_longest(service: Serving) -> None:
    async with service.client.post("/v1/messages", json=[1] * 1001) as answer:
        told = await answer.json()

    assert answer.status == 413
    assert "NDJSON" in told["detail"]


async def test_a_key_of_a_header_is_for_one_message(service: Serving) -> None:
    header = {"Idempotency-Key": "order-4711"}

    async with service.client.post(
        "/v1/messages", json=[CODE], headers=header
    ) as answer:
        assert answer.status == 400


async def test_with_a_store_a_message_is_recorded_and_sent_later(
    durable: Serving,
) -> None:
    async with durable.client.post("/v1/messages", json=CODE) as answer:
        told = await answer.json()

    assert answer.status == 202
    assert told["status"] == "created"
    assert durable.vendor["a"].submissions == []


async def test_with_a_store_a_caller_may_wait_for_the_outcome(
    durable: Serving,
) -> None:
    wait = {"Prefer": "respond-async, wait=5"}

    async with durable.client.post("/v1/messages", json=CODE, headers=wait) as answer:
        told = await answer.json()

    assert answer.status == 200
    assert answer.headers["Preference-Applied"] == "wait=5"
    assert told["status"] == "accepted"


async def test_a_caller_waits_no_longer_than_it_said(durable: Serving) -> None:
    answers = asyncio.Event()

    async def late(submission: Submission) -> Answer:
        submission.wire.begin()
        await answers.wait()
        return Answer(outcome=Outcome.ACCEPTED)

    durable.vendor["a"].answers(late)
    wait = {"Prefer": "wait=0"}

    async with durable.client.post("/v1/messages", json=CODE, headers=wait) as answer:
        told = await answer.json()
    answers.set()

    assert answer.status == 202
    assert told["status"] in ("created", "submitting")
    later = await durable.notifier.wait(told["id"], timeout=0.2)
    assert later is not None
    assert later.status == "accepted"


async def test_a_recorded_message_can_be_cancelled(durable: Serving) -> None:
    async with durable.client.post("/v1/messages", json=CODE) as answer:
        sent = await answer.json()

    path = f"/v1/messages/{sent['id']}/cancel"
    async with durable.client.post(path) as answer:
        told = await answer.json()

    assert answer.status == 200
    assert told["status"] == "canceled"


async def test_lines_get_a_line_each_and_one_at_the_end(service: Serving) -> None:
    good = b'{"to": "+8613800138000", "content": {"text": "Hello"}}'
    lines = b"\n".join([good, b"{broken", b"", b"[]", good])

    async with service.client.post(
        "/v1/messages", data=lines, headers=NDJSON
    ) as answer:
        told = [json.loads(line) async for line in answer.content]

    assert answer.status == 200
    assert [entry.get("line") for entry in told] == [1, 2, 4, 5, None]
    assert [list(entry)[-1] for entry in told[:-1]] == [
        "result",
        "problem",
        "problem",
        "result",
    ]
    assert told[-1]["end"] == {
        "taken": 2,
        "refused": 2,
        "complete": True,
        "why": None,
    }


async def test_who_wants_little_gets_only_what_was_refused(service: Serving) -> None:
    good = b'{"to": "+8613800138000", "content": {"text": "Hello"}}\n'
    headers = NDJSON | {"Prefer": "return=minimal"}

    async with service.client.post(
        "/v1/messages", data=good * 3 + b"{", headers=headers
    ) as answer:
        told = [json.loads(line) async for line in answer.content]

    assert answer.headers["Preference-Applied"] == "return=minimal"
    assert [entry.get("line") for entry in told] == [4, None]
    assert told[-1]["end"]["taken"] == 3


async def test_a_message_that_ended_unsent_can_be_replayed(durable: Serving) -> None:
    durable.vendor["a"].answers(Reason.CONTENT_REJECTED)
    wait = {"Prefer": "wait=5"}
    async with durable.client.post("/v1/messages", json=TEXT, headers=wait) as answer:
        first = await answer.json()

    async with durable.client.post(f"/v1/messages/{first['id']}/replay") as answer:
        second = await answer.json()

    assert first["status"] == "rejected"
    assert answer.status == 202
    assert second["status"] == "created"
    assert answer.headers["Location"] == f"/v1/messages/{second['id']}"
    assert second["id"] != first["id"]


async def test_without_a_store_nothing_is_replayed(service: Serving) -> None:
    async with service.client.post("/v1/messages/x/replay") as answer:
        told = await answer.json()

    assert answer.status == 422
    assert "outbox.url" in told["detail"]


async def test_messages_are_listed_a_page_at_a_time(service: Serving) -> None:
    for _ in range(3):
        async with service.client.post("/v1/messages", json=TEXT):
            pass

    async with service.client.get("/v1/messages?limit=2&status=accepted") as answer:
        first = await answer.json()
    path = f"/v1/messages?limit=2&status=accepted&cursor={first['cursor']}"
    async with service.client.get(path) as answer:
        second = await answer.json()

    shown = [message["to"] for message in [*first["messages"], *second["messages"]]]
    assert shown == ["+86138****8000"] * 3
    assert second["cursor"] is None


@pytest.mark.parametrize(
    "query",
    ["to=+8613800138000", "to=%2B8613800138000", "since=2026-01-01T00:00:00+08:00"],
)
async def test_a_plus_in_a_query_may_be_written_as_it_is(
    service: Serving, query: str
) -> None:
    async with service.client.post("/v1/messages", json=CODE):
        pass

    async with service.client.get(URL(f"/v1/messages?{query}", encoded=True)) as answer:
        assert len((await answer.json())["messages"]) == 1


async def test_messages_of_one_person_are_listed(service: Serving) -> None:
    async with service.client.post("/v1/messages", json=TEXT):
        pass

    async with service.client.get("/v1/messages?to=13800138000") as answer:
        found = await answer.json()
    async with service.client.get("/v1/messages?to=13800138001") as answer:
        missed = await answer.json()

    assert len(found["messages"]) == 1
    assert missed["messages"] == []


async def test_a_paused_provider_is_shown_and_gets_nothing(service: Serving) -> None:
    why = {"why": "maintenance"}

    async with service.client.post("/v1/providers/a/pause", json=why) as answer:
        assert answer.status == 200
    async with service.client.get("/v1/providers?balance=true") as answer:
        shown = (await answer.json())["providers"]
    async with service.client.post("/v1/messages", json=TEXT) as answer:
        sent = await answer.json()
    async with service.client.post("/v1/providers/a/resume") as answer:
        assert answer.status == 200

    assert shown[0]["paused"]["why"] == "maintenance"
    assert shown[0]["balance"] == {"amount": "100", "unit": "messages"}
    assert shown[1]["paused"] is None
    assert sent["attempts"][0]["provider"] == "b"


async def test_a_suppressed_address_is_shown_masked_and_taken_off(
    service: Serving,
) -> None:
    entry = {"to": NUMBER, "why": "complained", "until": "2999-01-01T00:00:00Z"}

    async with service.client.post("/v1/suppressions", json=entry) as answer:
        assert answer.status == 204
    async with service.client.get("/v1/suppressions") as answer:
        listed = (await answer.json())["suppressions"]
    async with service.client.delete(f"/v1/suppressions/{NUMBER}") as answer:
        assert answer.status == 204

    assert [(one["address"], one["why"]) for one in listed] == [
        ("+86138****8000", "complained")
    ]


async def test_a_way_is_explained(service: Serving) -> None:
    async with service.client.post("/v1/routes/explain", json=CODE) as answer:
        told = await answer.json()

    assert answer.status == 200
    assert told["route"] == "root"
    assert [offer["provider"] for offer in told["providers"]] == ["a", "b"]
    assert service.vendor["a"].submissions == []


async def test_whether_an_address_is_suppressed_can_be_asked(service: Serving) -> None:
    path = "/v1/suppressions"
    for to in ("+8613800138001", NUMBER):
        async with service.client.post(path, json={"to": to, "why": "complained"}):
            pass

    async with service.client.get(path, params={"to": NUMBER}) as answer:
        [found] = (await answer.json())["suppressions"]
    async with service.client.get(path, params={"to": "+8613800138002"}) as answer:
        others = (await answer.json())["suppressions"]
    async with service.client.get(path, params={"to": "12"}) as answer:
        told = await answer.json()

    assert (found["address"], found["why"]) == ("+86138****8000", "complained")
    assert others == []
    assert [error["pointer"] for error in told["errors"]] == ["/to"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_health_can_be_asked_for_without_a_body(
    service: Serving, path: str
) -> None:
    async with service.client.head(path) as answer:
        assert answer.status == 200
        assert await answer.read() == b""


async def test_nobody_sends_under_the_id_of_an_event(service: Serving) -> None:
    message = {**CODE, "id": "event_1"}

    async with service.client.post("/v1/messages", json=message) as answer:
        told = await answer.json()

    assert answer.status == 422
    assert [error["pointer"] for error in told["errors"]] == ["/id"]
