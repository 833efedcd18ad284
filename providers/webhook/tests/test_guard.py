"""Only public addresses are connected to, however a URL leads elsewhere."""

import aiohttp
import pytest
from notify_webhook.addresses import is_public
from notify_webhook.guard import ForbiddenAddress, GuardedResolver, guarded_session

from notify_core.model.outcome import Outcome, Reason
from notify_core.model.recipient import Endpoint
from notify_core.testing import FaultServer, HttpAnswer


def here_too(address):
    return is_public(address) or address == "127.0.0.1"


@pytest.fixture
def url(receiver):
    """Return the receiver's URL by a name."""
    return receiver.url.replace("127.0.0.1", "shop.example") + "/hooks"


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["1.1.1.1", "127.0.0.1"],
        ["::1"],
        ["::ffff:127.0.0.1"],
    ],
)
async def test_a_name_that_leads_inside_is_refused_before_anything_leaves(
    provider, submission, receiver, guarded, url, addresses
):
    sent = submission()
    hooks = provider(url=url, allow_private=False, guarded=guarded(*addresses))

    answer = await hooks.submit(sent)

    assert answer.outcome is Outcome.REJECTED
    assert answer.reason is Reason.DESTINATION_UNSUPPORTED
    assert "set allow_private" in answer.text
    assert "shop.example" not in answer.text
    assert not sent.wire.begun
    assert receiver.connections == 0


async def test_a_name_that_leads_outside_is_connected_to(
    provider, submission, asked, guarded, url
):
    session = guarded("127.0.0.1", allows=here_too)

    answer = await provider(url=url, allow_private=False, guarded=session).submit(
        submission()
    )

    assert answer.outcome is Outcome.ACCEPTED
    [request] = asked()
    assert request.headers["host"].startswith("shop.example:")


async def test_the_address_of_the_socket_is_checked_again(
    provider, submission, receiver, guarded, url
):
    verdicts = iter([True, False])  # the look-up's, the socket's
    session = guarded("127.0.0.1", allows=lambda _: next(verdicts))

    answer = await provider(url=url, allow_private=False, guarded=session).submit(
        submission()
    )

    assert (answer.outcome, answer.reason) == (Outcome.REJECTED, Reason.CONNECT_FAILED)
    assert receiver.connections == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "127.1", "[::1]"])
async def test_an_address_that_needs_no_look_up_is_checked_too(receiver, host):
    url = receiver.url.replace("127.0.0.1", host)

    async with guarded_session() as session:
        with pytest.raises(aiohttp.ClientError):
            await session.post(url)

    assert receiver.connections == 0


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.0.0.1:8443",
        "169.254.169.254",
        "2130706433",
        "127.1",
        "127.0.0.1.",
        "１２７.0.0.1",
        "[::1]",
        "[::ffff:10.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1]",
        "[fd00:ec2::254]",
    ],
)
def test_a_private_address_in_a_url_is_a_fault_of_the_configuration(complaints, host):
    (complaint,) = complaints(url=f"https://{host}/hooks", allow_private=False)

    assert complaint.startswith("endpoints.orders.url its url has an address that")
    assert "allow_private" in complaint
    assert "/hooks" not in complaint


@pytest.mark.parametrize("host", ["1.1.1.1", "[2606:4700:4700::1111]"])
def test_a_public_address_in_a_url_is_taken(complaints, host):
    assert complaints(url=f"https://{host}/hooks", allow_private=False) == []


async def test_a_private_endpoints_connection_is_not_there_for_others(
    provider, submission, receiver, guarded, endpoint, url
):
    hooks = provider(
        names={"shop.example": ["127.0.0.1"]},
        guarded=guarded("127.0.0.1"),
        settings={
            "endpoints": {
                "own": endpoint(url=url),
                "orders": endpoint(url=url, allow_private=False),
            }
        },
    )

    first = await hooks.submit(submission(recipient=Endpoint("own")))
    second = await hooks.submit(submission())

    assert first.outcome is Outcome.ACCEPTED
    assert second.reason is Reason.DESTINATION_UNSUPPORTED
    assert len(receiver.requests) == 1


async def test_a_redirect_is_not_followed(provider, submission, receiver, guarded, url):
    async with FaultServer() as inside:
        location = {"location": inside.url}
        receiver.play(HttpAnswer(status=307, headers=location))
        session = guarded("127.0.0.1", allows=here_too)

        answer = await provider(url=url, allow_private=False, guarded=session).submit(
            submission()
        )

        assert answer.reason is Reason.INVALID_REQUEST
        assert inside.connections == 0


async def test_a_proxy_of_the_environment_is_not_used(
    provider, submission, asked, guarded, url, monkeypatch
):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    session = guarded("127.0.0.1", allows=here_too)

    await provider(url=url, allow_private=False, guarded=session).submit(submission())

    [request] = asked()
    assert request.line == "POST /hooks HTTP/1.1"


async def test_a_name_that_nobody_knows_is_no_fault_of_the_guard(
    provider, submission, guarded
):
    hooks = provider(
        url="https://elsewhere.example", allow_private=False, guarded=guarded("1.1.1.1")
    )

    answer = await hooks.submit(submission())

    assert answer.reason is Reason.CONNECT_FAILED
    assert answer.text == "the host's name does not resolve"


async def test_closing_the_provider_closes_the_session(provider, guarded):
    session = guarded("1.1.1.1")
    hooks = provider(guarded=session)

    await hooks.aclose()
    await hooks.aclose()

    assert session.closed


async def test_closing_the_resolver_closes_the_one_inside():
    closed = []

    class Inner(aiohttp.ThreadedResolver):
        async def close(self):
            closed.append(self)

    await GuardedResolver(Inner(), is_public).close()

    assert len(closed) == 1


def test_what_is_forbidden_tells_no_address():
    assert not any(sign.isdigit() for sign in str(ForbiddenAddress()))
