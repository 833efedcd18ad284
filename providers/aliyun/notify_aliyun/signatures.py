"""How a request proves whose it is: the V3 signature, ACS3-HMAC-SHA256.

Source: the vendor's page "V3版本请求体&签名机制",
https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature.
Operations of the RPC style, as those of SMS are, have the path `/`.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import quote

import attrs

from notify_core.secret import Secret

ALGORITHM = "ACS3-HMAC-SHA256"
#: What `x-acs-content-sha256` says of a request without a body.
NO_BODY = sha256(b"").hexdigest()


def canonical_query(params: Mapping[str, str]) -> str:
    """Return the query as it is signed and sent: sorted, percent-encoded UTF-8."""
    return "&".join(
        f"{quote(name, safe='')}={quote(params[name], safe='')}"
        for name in sorted(params)
    )


@attrs.frozen(kw_only=True)
class Credentials:
    """What proves that a request is the account's."""

    access_key_id: str
    access_key_secret: Secret

    def authorization(
        self, method: str, query: str, headers: Mapping[str, str], payload: str
    ) -> str:
        """Return the header `Authorization` of a request.

        Args:
            method: Upper case.
            query: As `canonical_query` gives it.
            headers: All that are signed, names in lower case: `host`, `content-type`
                and whatever begins with `x-acs-`.
            payload: SHA-256 of the body, in lower-case hexadecimal digits.
        """
        names = sorted(headers)
        signed = ";".join(names)
        lines = "".join(f"{name}:{headers[name].strip()}\n" for name in names)
        request = "\n".join((method, "/", query, lines, signed, payload))
        text = f"{ALGORITHM}\n{sha256(request.encode()).hexdigest()}"
        key = self.access_key_secret.reveal().encode()
        signature = hmac.new(key, text.encode(), sha256).hexdigest()
        return (
            f"{ALGORITHM} Credential={self.access_key_id},SignedHeaders={signed},"
            f"Signature={signature}"
        )
