"""The table of replies."""

from datetime import UTC, datetime

import pytest
from notify_smtp.codes import CODES
from notify_smtp.replies import Reply, Step, reply_answer

from notify_core.model.outcome import Outcome, Reason, Scope

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def answer(step, text):
    return reply_answer(Reply(step=step, code=int(text[:3]), text=text[4:]), NOW)


def reply_for(key):
    """Return a step and a reply that only this key of the table fits."""
    step, _, code = key.rpartition(" ")
    if "." in code:
        return Step(step or "DATA"), f"{code[0]}99 {code} Words"
    return Step(step or "DATA"), f"{code.replace('yz', '99')} Words"


@pytest.mark.parametrize("key", CODES)
def test_every_code_means_what_the_table_says(key):
    told = answer(*reply_for(key))

    means = CODES[key]
    assert (told.code, told.reason, told.scope) == (key, means.reason, means.scope)
    accepted = means.reason is Reason.NONE
    assert told.outcome is (Outcome.ACCEPTED if accepted else Outcome.REJECTED)


@pytest.mark.parametrize("key", CODES)
def test_every_code_has_a_form_that_a_reply_can_have(key):
    step, _, code = key.rpartition(" ")

    assert not step or Step(step)
    assert code[0] in "245"
    assert CODES[key].text


def test_only_a_positive_reply_is_accepted():
    taken = {key for key, means in CODES.items() if means.reason is Reason.NONE}

    assert taken == {"250", "2yz"}


def test_a_sender_that_may_not_be_used_is_so_for_all_messages():
    scopes = {
        means.scope
        for means in CODES.values()
        if means.reason is Reason.SENDER_REJECTED
    }

    assert scopes == {Scope.UNIT}


@pytest.mark.parametrize(
    ("step", "text", "code"),
    [
        (Step.RCPT, "550 5.7.1 No", "RCPT 5.7.1"),
        (Step.CONTENT, "550 5.7.1 No", "CONTENT 5.7.1"),
        (Step.RCPT, "550 5.1.1 No", "5.1.1"),
        (Step.RCPT, "550 5.1.1", "5.1.1"),
        (Step.RCPT, "550 5.1.10 Null MX", "5.1.10"),
        (Step.RCPT, "550 No", "RCPT 550"),
        (Step.RCPT, "550 5.1.1, no", "RCPT 550"),
        (Step.RCPT, "550 4.1.1 Of another class", "RCPT 550"),
        (Step.RCPT, "550 See 5.1.1", "RCPT 550"),
        (Step.DATA, "554 5.5.1 No recipients", "5.5.1"),
        (Step.AUTH, "599 No", "AUTH 5yz"),
        (Step.CONTENT, "599 No", "599"),
        (Step.CONTENT, "599 5.9.9 No", "5.9.9"),
        (Step.CONTENT, "251 Will forward", "2yz"),
        (Step.CONTENT, "499", "4yz"),
    ],
)
def test_the_most_particular_code_counts_and_an_unknown_one_is_kept(step, text, code):
    assert answer(step, text).code == code


def test_a_code_that_nobody_documents_is_unmapped():
    told = answer(Step.CONTENT, "599 5.9.9 Who knows")

    assert (told.outcome, told.reason) == (Outcome.REJECTED, Reason.UNMAPPED)
    assert told.text == "CONTENT: 599 5.9.9 Who knows"


@pytest.mark.parametrize("text", ["354 Go on", "199 Hm", "600 Hm", "0 "])
def test_what_is_neither_yes_nor_no_to_a_mail_is_unknown(text):
    reply = Reply(step=Step.CONTENT, code=int(text.split()[0]), text="Hm")

    told = reply_answer(reply, NOW)

    assert (told.outcome, told.reason) == (Outcome.UNKNOWN, Reason.NO_RESPONSE)
