"""The control API under `/_emulator/` and the page for people at `/`."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import attrs
from aiohttp import web

from notify_core.testing.emulator.options import is_encodable, structure
from notify_core.testing.emulator.page import render_page
from notify_core.testing.emulator.pushes import Push

if TYPE_CHECKING:
    from notify_core.testing.emulator.base import Emulator

_FORM = "application/x-www-form-urlencoded"


@attrs.frozen(kw_only=True)
class ReceiptCall:
    """What `POST /_emulator/push` takes for the kind `receipt`."""

    id: str | None = None
    to: str | None = None
    outcome: str = "delivered"


@attrs.frozen(kw_only=True)
class ReplyCall:
    """What `POST /_emulator/push` takes for the kind `reply`."""

    to: str
    text: str


#: For each kind: the class of its fields, and the method that takes them.
PushKinds = Mapping[str, tuple[type, Callable[..., Awaitable[Push]]]]


def control_routes(emulator: Emulator) -> list[web.RouteDef]:
    """Return the paths that every emulator has."""
    control = Control(emulator)
    return [
        web.get("/", control.page),
        web.get("/_emulator/faults", control.list_faults),
        web.post("/_emulator/faults", control.add_fault),
        web.delete("/_emulator/faults", control.clear_faults),
        web.get("/_emulator/messages", control.list_messages),
        web.get("/_emulator/submissions", control.list_submissions),
        web.get("/_emulator/pushes", control.list_pushes),
        web.post("/_emulator/push", control.push),
        web.post("/_emulator/reset", control.reset),
    ]


@attrs.frozen
class Control:
    """The handlers of the control API."""

    emulator: Emulator

    async def page(self, request: web.Request) -> web.Response:
        """Show what arrived."""
        html = render_page(self.emulator, request.query.get("q", ""))
        return web.Response(text=html, content_type="text/html", headers=_HEADERS)

    async def list_faults(self, request: web.Request) -> web.Response:
        """List the scripted faults."""
        return _answer({"faults": [attrs.asdict(f) for f in self.emulator.faults]})

    async def add_fault(self, request: web.Request) -> web.Response:
        """Script one more fault."""
        try:
            fault = self.emulator.faults.add(await _json(request))
        except ValueError as error:
            return _refusal(400, error)
        return _answer(attrs.asdict(fault), status=201)

    async def clear_faults(self, request: web.Request) -> web.Response:
        """Forget the scripted faults."""
        self.emulator.faults.clear()
        return web.Response(status=204)

    async def list_messages(self, request: web.Request) -> web.Response:
        """List what arrived, oldest first."""
        to, text = request.query.get("to", ""), request.query.get("q", "")
        found = self.emulator.arrivals.search(to=to, text=text)
        rows = [attrs.asdict(a) | {"login_code": a.login_code} for a in found]
        return _answer({"messages": rows})

    async def list_submissions(self, request: web.Request) -> web.Response:
        """List the requests to send, oldest first."""
        emulator = self.emulator
        rows = [attrs.asdict(submission) for submission in emulator.submissions]
        counts = {"received": emulator.received, "accepted": emulator.accepted}
        return _answer(counts | {"submissions": rows})

    async def list_pushes(self, request: web.Request) -> web.Response:
        """List the pushes and their tries, oldest first."""
        return _answer({"pushes": [_push_row(p) for p in self.emulator.pushes.log]})

    async def push(self, request: web.Request) -> web.Response:
        """Push a receipt or a reply now; the page's form is sent back to the page."""
        from_page = await _is_form(request)
        try:
            asked = dict(await request.post()) if from_page else await _json(request)
            search = asked.pop("q", "") if from_page else ""
            push = await self._push(asked)
        except ValueError as error:
            return _refusal(400, error)
        except LookupError as error:
            return _refusal(409, error)
        if from_page:
            query = f"?{urlencode({'q': search})}" if search else ""
            raise web.HTTPSeeOther(f"/{query}")
        return _answer(_push_row(push))

    async def _push(self, asked: dict[str, Any]) -> Push:
        kinds = self.emulator.push_kinds()
        kind = asked.pop("kind", None)
        if not isinstance(kind, str) or kind not in kinds:
            raise ValueError(f"kind: expected one of {', '.join(kinds)}")
        call, push = kinds[kind]
        return await push(**attrs.asdict(structure(asked, call, "push")))

    async def reset(self, request: web.Request) -> web.Response:
        """Forget everything."""
        await self.emulator.reset()
        return web.Response(status=204)


#: Nothing on the page comes from elsewhere, and nobody may frame it.
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'"
    ),
}


async def _is_form(request: web.Request) -> bool:
    """Tell the page's form from JSON, which curl sends under a form's type too."""
    body = await request.read()
    return request.content_type == _FORM and not body.lstrip().startswith(b"{")


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        data = json.loads(await request.read())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the body is no JSON: {error}") from error
    if not is_encodable(json.dumps(data, ensure_ascii=False)):
        raise ValueError("half of a surrogate pair is in it")
    if not isinstance(data, dict):
        raise ValueError("expected a JSON object")  # noqa: TRY004 (answered with 400)
    return data


def _push_row(push: Push) -> dict[str, Any]:
    request = push.request
    return {
        "kind": request.kind,
        "message": request.message,
        "to": request.to,
        "state": push.state,
        "tries": [attrs.asdict(one) for one in push.tries],
    }


def _answer(data: Mapping[str, Any], *, status: int = 200) -> web.Response:
    text = json.dumps(data, ensure_ascii=False) + "\n"
    return web.Response(text=text, status=status, content_type="application/json")


def _refusal(status: int, error: Exception) -> web.Response:
    return _answer({"error": str(error)}, status=status)
