"""The configured endpoints, ready to be sent to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs
from yarl import URL

from notify_core.errors import Problem
from notify_core.provider import Settings
from notify_webhook.addresses import is_public
from notify_webhook.body import Body
from notify_webhook.signatures import signing_key


@attrs.frozen(kw_only=True)
class Receiver:
    """Who stands behind the name of an endpoint."""

    url: URL = attrs.field(repr=False)
    #: The current key, then those from before.
    keys: tuple[bytes, ...] = attrs.field(repr=False)
    #: Beside those that every request has.
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: Body
    #: Only public addresses are connected to.
    is_guarded: bool


def receivers(settings: Settings) -> dict[str, Receiver]:
    """Return the receivers by name, of settings that `problems` finds nothing in."""
    common = Body(settings["body"])
    written = settings["endpoints"].items()
    return {name: _receiver(about, common) for name, about in written}


def problems(settings: Settings) -> Iterator[Problem]:
    """Yield what no schema can tell is wrong with the settings."""
    yield from _body_problems(settings, "")
    for name, written in settings["endpoints"].items():
        pointer = f"/endpoints/{name}"
        yield from _body_problems(written, pointer)
        try:
            _url(written["url"], is_guarded=not written.get("allow_private", False))
        except ValueError as error:
            yield Problem(pointer=f"{pointer}/url", message=str(error))


def _body_problems(written: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
    if "body" in written:
        try:
            Body(written["body"])
        except ValueError as error:
            yield Problem(pointer=f"{pointer}/body", message=str(error))


def _receiver(written: Mapping[str, Any], common: Body) -> Receiver:
    is_guarded = not written.get("allow_private", False)
    secrets = [written["secret"], *written.get("previous_secrets", ())]
    hidden = written.get("secret_headers", {}).items()
    return Receiver(
        url=_url(written["url"], is_guarded=is_guarded),
        keys=tuple(map(signing_key, secrets)),
        headers={
            **written.get("headers", {}),
            **{name: value.reveal() for name, value in hidden},
        },
        body=Body(written["body"]) if "body" in written else common,
        is_guarded=is_guarded,
    )


def _url(written: str, *, is_guarded: bool) -> URL:
    try:
        url = URL(written)
        host = url.host or ""
    except ValueError:
        # Without the cause, which shows the URL.
        raise ValueError("its url cannot be read as one") from None
    if is_guarded and _is_number(host) and not is_public(host):
        raise ValueError(
            "its url has an address that is not public: set allow_private"
            " if that is meant"
        )
    return url


def _is_number(host: str) -> bool:
    """Tell an address, however it is written, from a name that has to be looked up."""
    return ":" in host or host.replace(".", "").isdigit()
