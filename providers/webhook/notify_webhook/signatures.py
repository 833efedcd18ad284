"""Signs requests by the symmetric scheme of Standard Webhooks.

Source: Standard Webhooks 1.0.0, spec/standard-webhooks.md of the repository
standard-webhooks/standard-webhooks, "Signature scheme" and "Webhook headers".
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import datetime

from notify_core.secret import Secret

_PREFIX = "whsec_"


def signing_key(secret: Secret) -> bytes:
    """Return the key that a secret serialises: `whsec_`, then Base64."""
    # It may come without padding; more than is needed is passed over.
    return b64decode(secret.reveal().removeprefix(_PREFIX) + "==")


def signed_headers(
    keys: Sequence[bytes], message_id: str, now: datetime, body: bytes
) -> dict[str, str]:
    """Return the headers that say what a request is, when it was made, and by whom.

    Args:
        keys: Each signs, so that a receiver with any of them is satisfied.
        message_id: The same whenever the message is sent again; without a full stop.
        now: When this request is made.
        body: Exactly as sent.
    """
    timestamp = str(int(now.timestamp()))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(key, signed) for key in keys),
    }


def _signature(key: bytes, signed: bytes) -> str:
    return f"v1,{b64encode(hmac.digest(key, signed, 'sha256')).decode()}"
