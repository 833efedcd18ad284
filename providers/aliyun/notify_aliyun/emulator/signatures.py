"""The signature as the gateway computes it anew from what it received.

Written from the vendor's page, not from the provider: the two check each other.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote

from notify_aliyun.emulator.calls import Call

_ALGORITHM = "ACS3-HMAC-SHA256"


def read_proof(authorization: str) -> dict[str, str]:
    """Return the parts of the header `Authorization`; nothing of another algorithm."""
    algorithm, _, rest = authorization.partition(" ")
    if algorithm != _ALGORITHM:
        return {}
    pairs = (part.partition("=") for part in rest.split(","))
    return {name.strip(): value for name, _, value in pairs}


def must_be_signed(headers: Mapping[str, str]) -> set[str]:
    """Return the names of the headers that a signature has to cover."""
    return {
        name
        for name in headers
        if name in ("host", "content-type") or name.startswith("x-acs-")
    }


def payload_hash(call: Call) -> str:
    """Return what `x-acs-content-sha256` has to be."""
    return hashlib.sha256(call.body).hexdigest()


def canonical_request(call: Call) -> str:
    """Return what is hashed."""
    params = call.params.items()
    names = sorted(call.proof["SignedHeaders"].split(";"))
    return "\n".join(
        [
            call.method,
            "/",
            "&".join(f"{_encode(n)}={_encode(v)}" for n, v in sorted(params)),
            *(f"{name}:{call.header(name).strip()}" for name in names),
            "",
            ";".join(names),
            payload_hash(call),
        ]
    )


def signature(call: Call, secret: str) -> str:
    """Return the signature that the request should have."""
    digest = hashlib.sha256(canonical_request(call).encode()).hexdigest()
    text = f"{_ALGORITHM}\n{digest}".encode()
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def _encode(text: str) -> str:
    return quote(text, safe="-_.~")
