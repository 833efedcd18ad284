"""Signatures, by the vectors and the library of Standard Webhooks."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from notify_webhook.signatures import signed_headers, signing_key
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from notify_core.secret import Secret

#: Secret, id, seconds, body, signature. Both stand in the repository
#: standard-webhooks/standard-webhooks: the first in the tests of its Python, Go, Java,
#: JavaScript, Ruby, PHP and C# libraries (libraries/python/tests/test_webhooks.py,
#: test_sign_function), the second in libraries/rust/src/lib.rs, test_sign.
VECTORS = [
    (
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    ),
    (
        "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
        "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
        1649367553,
        b'{"email":"test@example.com","username":"test_user"}',
        "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
    ),
]
OTHER = "whsec_plJ3nmyCDGBKInavdOK15jsl"


def headers(secrets, message_id="01K", at=None, body=b"{}"):
    keys = [signing_key(Secret(secret)) for secret in secrets]
    return signed_headers(keys, message_id, at or datetime.now(UTC), body)


@pytest.mark.parametrize(("secret", "message_id", "at", "body", "signature"), VECTORS)
def test_the_published_vectors_come_out(secret, message_id, at, body, signature):
    made = headers([secret], message_id, datetime.fromtimestamp(at, UTC), body)

    assert made == {
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": signature,
    }


@pytest.mark.parametrize(
    "secret",
    [
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",  # without the prefix
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwBr",  # without its padding
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwBr==",
    ],
)
def test_the_schemes_own_library_verifies_what_is_signed(secret):
    body = '{"text": "您的订单已发货。"}'

    made = headers([secret], body=body.encode())

    assert Webhook(secret).verify(body, made) == {"text": "您的订单已发货。"}


def test_the_check_that_the_documentation_shows_works():
    page = Path(__file__).parents[3] / "docs" / "providers" / "webhook.md"
    shown = page.read_text("utf-8").split("```python\n")[1].split("```")[0]
    namespace = {}
    exec(shown, namespace)  # noqa: S102 (our own page)
    is_genuine = namespace["is_genuine"]

    made = headers([VECTORS[1][0], VECTORS[0][0]])

    assert is_genuine(made, b"{}")
    assert not is_genuine(made, b"{ }")
    assert not is_genuine({**made, "webhook-timestamp": "1614265330"}, b"{}")


def test_a_receiver_with_either_secret_is_satisfied():
    new, old = VECTORS[0][0], VECTORS[1][0]

    made = headers([new, old])

    assert Webhook(new).verify("{}", made) == {}
    assert Webhook(old).verify("{}", made) == {}
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER).verify("{}", made)


def test_the_timestamp_is_the_second_that_has_begun():
    at = datetime.fromtimestamp(1614265330.999, UTC)

    assert headers([OTHER], at=at)["webhook-timestamp"] == "1614265330"
