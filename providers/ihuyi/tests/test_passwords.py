"""The password fields of a request, by the vendor's rules."""

from datetime import UTC, datetime
from hashlib import md5
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notify_ihuyi.passwords import Credentials, dynamic_password

from notify_core.secret import Secret

API_KEY = "1q784322ba1d9bb88d50cf5cdfd89k7d"
TIME = "1451544941"
NOW = datetime.fromtimestamp(int(TIME), UTC)
TEXT = "您的验证码是：2546。请不要把验证码泄露给其他人。"
WRITABLE = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    ("signed", "password"),
    [
        ((TIME,), "73f6e7a36e0fd30ad7eea940ca1896b2"),
        (("13800138000", TEXT, TIME), "34fbd71aa722b22200eb984adfe01fba"),
        (("13800138000", "2546", TIME), "c61dcf7e1ef1a25bb9dc7b59b8014163"),
    ],
    ids=["balance", "whole text", "template variables"],
)
def test_the_dynamic_password_fits_the_test_vectors(signed, password):
    assert dynamic_password("test", API_KEY, *signed) == password


def test_the_dynamic_password_comes_with_the_time_that_it_signs():
    credentials = Credentials(api_id="test", api_key=Secret(API_KEY), dynamic=True)

    fields = parse_qs(credentials.fields(NOW, "13800138000", TEXT))

    assert fields == {
        "password": ["34fbd71aa722b22200eb984adfe01fba"],
        "time": [TIME],
    }


def test_the_static_password_is_the_key_without_a_time():
    credentials = Credentials(api_id="test", api_key=Secret("a+b&c"), dynamic=False)

    fields = parse_qs(credentials.fields(NOW, "13800138000", TEXT))

    assert fields == {"password": ["a+b&c"]}


def test_credentials_do_not_show_the_key():
    credentials = Credentials(api_id="test", api_key=Secret(API_KEY), dynamic=True)

    assert API_KEY not in repr(credentials)


@given(api_id=WRITABLE, key=WRITABLE, signed=st.lists(WRITABLE, max_size=3))
def test_any_text_is_hashed_as_plain_concatenated_utf8(api_id, key, signed):
    password = dynamic_password(api_id, key, *signed)

    plain = (api_id + key + "".join(signed)).encode("utf-8")
    assert password == md5(plain, usedforsecurity=False).hexdigest()


@given(moment=st.datetimes(datetime(2001, 9, 10), datetime(2200, 1, 1)))
def test_the_time_is_always_ten_digits_of_whole_seconds(moment):
    now = moment.replace(tzinfo=UTC)
    credentials = Credentials(api_id="test", api_key=Secret(API_KEY), dynamic=True)

    [time] = parse_qs(credentials.fields(now))["time"]

    assert len(time) == 10
    assert 0 <= now.timestamp() - int(time) < 1
