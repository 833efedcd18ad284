"""Connections that are kept, and no more than so many."""

import asyncio

import pytest

from notify_core.model.outcome import Outcome, Reason
from notify_core.transmission import Timeouts


async def test_the_next_mail_takes_the_same_connection(scripted, account, submission):
    provider = account(scripted.port)

    answers = [await provider.submit(submission()) for _ in range(3)]

    assert {answer.outcome for answer in answers} == {Outcome.ACCEPTED}
    assert scripted.connections == 1
    assert scripted.said.count("RSET") == 2


async def test_many_at_once_take_no_more_connections_than_allowed(
    scripted, account, submission
):
    provider = account(scripted.port, max_connections=3)

    answers = await asyncio.gather(*(provider.submit(submission()) for _ in range(20)))

    assert {answer.outcome for answer in answers} == {Outcome.ACCEPTED}
    assert scripted.most_open == scripted.connections == 3


async def test_waiting_for_a_connection_counts_as_connecting(
    scripted, account, submission
):
    scripted.answers(CONTENT="!stall")
    provider = account(scripted.port, max_connections=1)
    first = asyncio.create_task(provider.submit(submission()))
    await scripted.reached("CONTENT")
    second = submission(timeouts=Timeouts(connect=0.1, read=2))

    answer = await provider.submit(second)

    first.cancel()
    assert (answer.outcome, answer.reason) == (Outcome.REJECTED, Reason.CONNECT_FAILED)
    assert not second.wire.begun
    assert scripted.connections == 1


async def test_one_who_waited_in_vain_takes_no_place(scripted, account, submission):
    scripted.answers(CONTENT="!stall")
    provider = account(scripted.port, max_connections=1)
    first = asyncio.create_task(provider.submit(submission()))
    await scripted.reached("CONTENT")
    await provider.submit(submission(timeouts=Timeouts(connect=0.05, read=2)))
    first.cancel()
    scripted.answers(CONTENT="250 Ok")

    answer = await provider.submit(submission())

    assert answer.outcome is Outcome.ACCEPTED


async def test_an_idle_connection_that_the_server_closed_is_not_used(
    scripted, account, submission
):
    provider = account(scripted.port)
    await provider.submit(submission())
    await scripted.drop()

    answer = await provider.submit(submission())

    assert answer.outcome is Outcome.ACCEPTED
    assert scripted.connections == 2


@pytest.mark.parametrize(
    "reply", ["421 4.4.2 Timeout", "!close", "!reset", "500 What?", "nonsense"]
)
async def test_an_idle_connection_that_does_not_answer_well_is_not_used(
    reply, scripted, account, submission
):
    provider = account(scripted.port)
    await provider.submit(submission())
    scripted.answers(RSET=reply)

    answer = await provider.submit(submission())

    assert answer.outcome is Outcome.ACCEPTED
    assert scripted.connections == 2
    assert scripted.said[-1] == "CONTENT"
    assert len(scripted.contents) == 2


async def test_cancelled_while_an_idle_connection_is_asked_it_is_closed(
    scripted, account, submission
):
    provider = account(scripted.port)
    await provider.submit(submission())
    scripted.answers(RSET="!stall")
    given = submission()

    task = asyncio.create_task(provider.submit(given))
    await scripted.reached("RSET")
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    await scripted.left()
    assert not given.wire.begun


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "CONTENT"])
async def test_a_refusal_leaves_the_connection_for_the_next_mail(
    step, scripted, account, submission
):
    provider = account(scripted.port)
    scripted.answers(**{step: "550 5.1.1 No"})
    await provider.submit(submission())
    usual = {"MAIL": "250 Ok", "RCPT": "250 Ok", "DATA": "354 Go", "CONTENT": "250 Ok"}
    scripted.answers(**usual)

    answer = await provider.submit(submission())

    assert answer.outcome is Outcome.ACCEPTED
    assert scripted.connections == 1
    assert "RSET" in scripted.said


async def test_a_server_that_says_that_it_closes_is_left(scripted, account, submission):
    provider = account(scripted.port)
    scripted.answers(RCPT="421 4.3.2 Shutting down")
    await provider.submit(submission())
    scripted.answers(RCPT="250 Ok")

    answer = await provider.submit(submission())

    assert answer.outcome is Outcome.ACCEPTED
    assert scripted.connections == 2


async def test_a_broken_exchange_leaves_no_connection_behind(
    scripted, account, submission
):
    provider = account(scripted.port)
    scripted.answers(CONTENT="!stall")
    await provider.submit(submission(timeouts=Timeouts(connect=5, read=0.05)))
    scripted.answers(CONTENT="250 Ok")
    await scripted.left()

    answer = await provider.submit(submission())

    assert answer.outcome is Outcome.ACCEPTED
    assert scripted.connections == 2


async def test_an_idle_connection_is_left_after_a_while(scripted, account, submission):
    provider = account(scripted.port, keepalive="50ms")

    await provider.submit(submission())
    await scripted.left()

    assert scripted.said[-1] == "QUIT"


async def test_a_connection_in_use_is_not_left(scripted, account, submission):
    provider = account(scripted.port, keepalive="50ms")
    await provider.submit(submission())
    scripted.gate.clear()
    task = asyncio.create_task(provider.submit(submission()))
    await scripted.reached("CONTENT", 2)
    await asyncio.sleep(0.1)
    scripted.gate.set()

    answer = await task

    assert answer.outcome is Outcome.ACCEPTED
    assert scripted.connections == 1


async def test_nothing_is_kept_where_nothing_is_to_be_kept(
    scripted, account, submission
):
    provider = account(scripted.port, keepalive="0s")
    for _ in range(2):
        await provider.submit(submission())
        await scripted.left()

    assert scripted.connections == 2


async def test_closing_says_goodbye_on_every_connection(scripted, account, submission):
    provider = account(scripted.port, max_connections=2)
    await asyncio.gather(*(provider.submit(submission()) for _ in range(2)))

    await provider.aclose()
    await scripted.left()

    assert scripted.said.count("QUIT") == scripted.connections == 2


async def test_closing_does_not_wait_for_a_server_that_says_nothing(
    scripted, account, submission, monkeypatch
):
    monkeypatch.setattr("notify_smtp.connection._GOODBYE", 0.05)
    provider = account(scripted.port)
    await provider.submit(submission())
    scripted.answers(QUIT="!stall")

    async with asyncio.timeout(30):
        await provider.aclose()
        await scripted.left()


async def test_a_mail_under_way_ends_though_the_account_is_closed(
    scripted, account, submission
):
    provider = account(scripted.port)
    task = asyncio.create_task(provider.submit(submission()))
    await scripted.reached("EHLO")

    await provider.aclose()
    answer = await task
    await scripted.left()

    assert answer.outcome is Outcome.ACCEPTED
    assert scripted.said[-1] == "QUIT"


async def test_a_closed_account_sends_nothing(scripted, account, submission):
    provider = account(scripted.port)
    await provider.aclose()
    given = submission()

    answer = await provider.submit(given)

    assert (answer.outcome, answer.reason) == (Outcome.REJECTED, Reason.CONNECT_FAILED)
    assert answer.text == "the provider is closed"
    assert scripted.connections == 0
