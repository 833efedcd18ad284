"""Write a URL so that it can be found, and what is secret in it cannot."""

from __future__ import annotations

import re

_SCHEME = re.compile(r"[A-Za-z][\w+.-]*:/+")
#: Before the host, or as libpq takes it in the query.
_PASSWORD = re.compile(
    rf"(?s){_SCHEME.pattern}[^/?#@]*:[^@?]+@|.*[?&](ssl)?password=[^&]"
)
_USER = re.compile(rf"{_SCHEME.pattern}[^/?#]*@")
#: One of a URL's query, up to the next: the value alone where a name stands before it.
_QUERY_VALUE = re.compile(r"([^&=]*=)?[^&]+")


def masked_url(text: str) -> str:
    """Return `http://***@host/path?key=***`: a URL without who asks and what it says.

    A password may hold any character, so all before the last @ is hidden, also in
    what only comes near to a URL; a text that is none stays as it is.
    """
    scheme = _SCHEME.match(text)
    before, at, host = text.rpartition("@")
    if at and (":" in before or "/" in before):
        text = f"{scheme[0] if scheme else ''}***@{host}"
    if scheme is None:
        return text
    url, mark, query = text.partition("?")
    return url + mark + _QUERY_VALUE.sub(r"\1***", query)


def names_user(text: str) -> bool:
    """Whether a user, and maybe a password, stands in a URL."""
    return _USER.match(text) is not None


def names_password(text: str) -> bool:
    """Whether a password stands in the URL of a database."""
    return _PASSWORD.match(text) is not None
