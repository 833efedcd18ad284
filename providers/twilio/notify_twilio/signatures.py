"""`X-Twilio-Signature`: who knows the account's auth token made this request.

Source: https://www.twilio.com/docs/usage/security#validating-requests and, for repeated
fields and for ports, the validator of the vendor's own helper library
(`twilio/request_validator.py` of twilio-python).
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable
from hashlib import sha1, sha256
from urllib.parse import SplitResult, parse_qs, urlsplit

from notify_core.secret import Secret

HEADER = "X-Twilio-Signature"
#: The query parameter that has the hash of a JSON body.
BODY_HASH = "bodySHA256"

Fields = Iterable[tuple[str, str]]

_DEFAULT_PORTS = {"https": 443, "http": 80}


def signature(token: str, url: str, fields: Fields = ()) -> str:
    """Return what Twilio writes into the header.

    Args:
        token: The account's auth token.
        url: As Twilio called it, with its query.
        fields: Names and values of a form; nothing of a JSON body, nor of a GET.
    """
    signed = url + "".join(name + value for name, value in sorted(set(fields)))
    mac = hmac.new(_bytes(token), _bytes(signed), sha1)
    return base64.b64encode(mac.digest()).decode()


def is_signed(
    tokens: Iterable[Secret], given: str | None, url: str, fields: Fields = ()
) -> bool:
    """Whether *given* is the signature of the request with one of *tokens*.

    Each token and each way of writing the port is compared, so that the time tells
    nothing about which fits.
    """
    pairs = tuple(fields)
    fits = [
        hmac.compare_digest(
            _bytes(signature(token.reveal(), written, pairs)), _bytes(given or "")
        )
        for token in tokens
        for written in _ways_to_write(url)
    ]
    return any(fits)


def has_its_hash(url: str, body: bytes) -> bool:
    """Whether the query of *url* has the hash of this *body*."""
    given = parse_qs(urlsplit(url).query).get(BODY_HASH, [""])
    return hmac.compare_digest(_bytes(given[0]), sha256(body).hexdigest().encode())


def _ways_to_write(url: str) -> tuple[str, ...]:
    """Return the URL with and without its scheme's port, never with a password.

    Twilio keeps the port for SMS and drops user and password; its helper libraries
    try both ways, since proxies and frameworks add and drop the port too.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return (url,)
    host = parts.netloc.rpartition("@")[2].removesuffix(f":{parts.port}")
    return (_at(parts, host), _at(parts, f"{host}:{port}"))


def _at(parts: SplitResult, netloc: str) -> str:
    return parts._replace(netloc=netloc, fragment="").geturl()


def _bytes(text: str) -> bytes:
    # Headers and addresses that are no UTF-8 come with surrogates; they fit nothing.
    return text.encode("utf-8", "surrogatepass")
