"""Messages to endpoints, as a receiver gets them."""

import json
import logging

import pytest
from notify_webhook.provider_type import WEBHOOK, account_capabilities, account_key

from notify_core.model.channel import Channel
from notify_core.model.outcome import Outcome, Reason
from notify_core.model.recipient import Endpoint
from notify_core.plugins import Plugins
from notify_core.provider import ReceiptMode, TextMode
from notify_core.secret import Secret

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"  # noqa: S105 (a published one)
OLD_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 (likewise)


def test_the_provider_type_is_found_through_its_entry_point():
    assert Plugins().provider_types["webhook"] is WEBHOOK


def test_what_is_declared_is_what_webhooks_can_do():
    can = WEBHOOK.capabilities

    assert can.channels == {Channel.WEBHOOK}
    assert (can.text, can.templates) == (TextMode.FREE, True)
    assert (can.receipts, can.inbound) == (ReceiptMode.NONE, False)
    assert can.idempotent_reference is None


def test_only_receivers_that_remember_make_a_repetition_harmless(endpoint):
    endpoints = {"orders": endpoint()}

    assert account_capabilities({"endpoints": endpoints}).idempotent_reference is None
    remembers = account_capabilities(
        {"endpoints": endpoints, "receivers_remember": "5m"}
    )
    assert remembers.idempotent_reference.total_seconds() == 300


def test_the_account_key_tells_receivers_apart_and_shows_no_url(endpoint):
    here = {"endpoints": {"orders": endpoint(url="https://a.example/x?key=s3cret")}}
    there = {"endpoints": {"orders": endpoint(url="https://b.example/x")}}

    assert account_key(here) == account_key(json.loads(json.dumps(here, default=str)))
    assert account_key(here) != account_key(there)
    assert "s3cret" not in account_key(here)


# Requests.


async def test_a_request_is_the_one_that_the_schemes_library_signs(
    provider, submission, asked, golden
):
    document = {"email": "test@example.com", "username": "test_user"}
    reference = "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk"

    await provider(body=document).submit(submission(reference=reference))

    [request] = asked()
    head, _, body = golden("signed_by_rust_library.request").partition(b"\n\n")
    for line in head.decode().splitlines()[1:]:
        name, value = line.split(": ")
        assert request.headers[name] == value
    assert request.body == body
    assert request.line == "POST /hooks HTTP/1.1"


async def test_a_document_is_sent_as_the_specification_shows_it(
    provider, submission, asked, golden
):
    body = golden("contact_created_of_the_specification.json")

    await provider(body=json.loads(body)).submit(submission())

    assert asked()[0].body == body


async def test_without_a_body_of_its_own_an_endpoint_gets_the_common_one(
    provider, submission, asked, golden
):
    await provider().submit(submission())

    assert asked()[0].body == golden("default_body.json")


async def test_every_secret_signs_while_they_are_changed(provider, submission, asked):
    hooks = provider(previous_secrets=[Secret(OLD_SECRET)])

    await hooks.submit(submission())

    [request] = asked()
    signatures = request.headers["webhook-signature"].split(" ")
    assert len(signatures) == len(set(signatures)) == 2
    assert all(signature.startswith("v1,") for signature in signatures)


async def test_further_headers_are_sent(provider, submission, asked):
    hooks = provider(
        headers={"x-tenant": "a1"},
        secret_headers={"authorization": Secret("Bearer 4711")},
    )

    await hooks.submit(submission())

    [request] = asked()
    assert request.headers["x-tenant"] == "a1"
    assert request.headers["authorization"] == "Bearer 4711"
    assert request.headers["content-type"] == "application/json"


async def test_the_id_stays_when_a_message_is_sent_again(provider, submission, asked):
    hooks = provider()

    await hooks.submit(submission())
    await hooks.submit(submission())

    first, second = (request.headers["webhook-id"] for request in asked())
    assert first == second == "01K0000000000000000000000A"


async def test_a_message_goes_to_the_endpoint_of_its_name(
    provider, submission, endpoint, receiver, asked
):
    billing = endpoint(url=f"{receiver.url}/billing?from=notify")
    hooks = provider(settings={"endpoints": {"orders": endpoint(), "billing": billing}})

    await hooks.submit(submission(recipient=Endpoint("billing")))

    assert asked()[0].line == "POST /billing?from=notify HTTP/1.1"


# What is not sent.


async def test_a_message_that_the_body_does_not_fit_is_not_sent(
    provider, submission, receiver
):
    hooks = provider(body={"order": "A-{{ params.order }}"})

    answer = await hooks.submit(submission())

    assert (answer.outcome, answer.reason) == (Outcome.REJECTED, Reason.UNSUPPORTED)
    assert answer.text == "the body's /order does not fit the message"
    assert receiver.connections == 0


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (
            {"body": {"a": "{{ tex }}"}},
            "endpoints.orders.body the body's /a uses 'tex'",
        ),
        ({"body": {"a": "{{"}}, "endpoints.orders.body the body's /a is no template"),
        (
            {"url": "https://h:99999/s3cret"},
            "endpoints.orders.url its url cannot be read",
        ),
        ({"settings": {"body": {"a": "{{ x }}"}}}, "body the body's /a uses 'x'"),
    ],
)
def test_what_cannot_work_is_a_fault_of_the_configuration(complaints, changes, why):
    (complaint,) = complaints(**changes)

    assert complaint.startswith(why)
    assert "s3cret" not in complaint


def test_an_endpoint_that_is_not_configured_is_refused_by_name(submission, endpoint):
    settings = {"endpoints": {"orders": endpoint()}}

    assert WEBHOOK.refuses(settings, submission()) is None
    why = WEBHOOK.refuses(settings, submission(recipient=Endpoint("order")))
    assert why == "it has no endpoint 'order'; did you mean 'orders'?"


# What is told.


@pytest.mark.parametrize("fault", ["refused", "reset", "not_http", "http_404"])
async def test_no_answer_tells_the_url_a_secret_or_a_header(
    provider, submission, receiver, caplog, fault
):
    caplog.set_level(logging.DEBUG)
    url = receiver.play(fault)
    hooks = provider(
        url=f"{url}/of-a-secret-path?key=s3cret",
        secret_headers={"authorization": Secret("Bearer 4711")},
    )

    answer = await hooks.submit(submission())

    shown = f"{answer!r} {hooks!r} {hooks._receivers!r} {caplog.text}"
    for hidden in ("s3cret", "secret-path", "4711", SECRET, "127.0.0.1"):
        assert hidden not in shown
