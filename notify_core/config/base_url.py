"""Checks the address that a provider calls: more of it than a pattern can say."""

from __future__ import annotations

from yarl import URL

from notify_core.config.wording import USER_IN_URL, shown
from notify_core.urls import names_user


def base_url_fault(text: str) -> str | None:
    """Return what keeps a text from being called; None when nothing does."""
    if names_user(text):
        return f"{shown(text)} is no base URL: {USER_IN_URL}"
    try:
        url = URL(text)
        is_whole = bool(url.host and url.port)
    except ValueError as error:
        return _no_url(text, _WORDS.get(str(error), "its host or port cannot be read"))
    return None if is_whole else _no_url(text, "it has no host, or the port 0")


def _no_url(text: str, why: str) -> str:
    return f"{shown(text)} is no base URL: {why}; write for example {_EXAMPLE}"


_EXAMPLE = "http://127.0.0.1:8106"
#: What the library says, in plain words. Its other texts quote the URL.
_WORDS = {
    "Invalid IPv6 URL": "its brackets do not close",
    "Port out of range 0-65535": "its port is over 65535",
}
