"""The explorer's server: one page, a few questions, for this machine alone.

Starlette and uvicorn rather than the standard library's `http.server`, whose own documentation
warns against exposing it: they parse requests strictly, end connections that misbehave and stop
in good order. What a page may ask is data, checked as scenario files are; no path, no code.
"""

from __future__ import annotations

import ipaddress
import json
import socket
import threading
from collections.abc import Callable, Mapping
from functools import cached_property
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sco_network.analysis.explain import explain_link
from sco_network.analysis.whatif import Marginal, Question, WhatIf
from sco_network.errors import InputError, bad_argument
from sco_network.model.authoring import to_yaml
from sco_network.routing.route import Route as Way

from .atlas import atlas

MAX_BODY = 256 * 1024
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


class Desk:
    """Answers the page's questions, one after the other."""

    def __init__(self, whatif: WhatIf, start: Question) -> None:
        self.whatif = whatif
        self.start = start
        self._lock = threading.Lock()

    def ask(self, question: str, given: Mapping[str, Any]) -> Any:
        """Return the answer to one kind of question."""
        with self._lock:
            return _QUESTIONS[question](self, given)

    @cached_property
    def atlas(self) -> bytes:
        """What the page draws and lists, as JSON."""
        with self._lock:
            return _json(atlas(self.whatif, self.start))

    def answer(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return measures, counts of pairs, and the routes before and after."""
        answer = self.whatif.answer(Question.of(given))
        return {
            "by": answer.comparison.by,
            "unit": answer.comparison.unit,
            "places": len(answer.comparison.before.terminals),
            "pairs": answer.comparison.pair_counts,
            "measures": answer.measures,
            "before": answer.before and _way(answer.before),
            "after": answer.after and _way(answer.after),
        }

    def gains(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return what each scenario adds to what is ticked."""

        def shown(marginal: Marginal) -> dict[str, Any]:
            return {"gain": marginal.gain, "note": marginal.note}

        return {m.scenario: shown(m) for m in self.whatif.gains(Question.of(given))}

    def scenario(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return a scenario file with everything that is ticked and edited, by itself."""
        question = Question.of(given.get("question"))
        name, title = str(given.get("name", "")), str(given.get("title", ""))[:200]
        content = self.whatif.scenario(question, name, title)
        modes = ",".join(question.modes)
        command = f"sco-network compare {name}.yaml --by {question.by} --modes {modes}"
        return {"file": f"{name}.yaml", "text": to_yaml(content), "command": command}

    def link(self, given: Mapping[str, Any]) -> list[dict[str, str]]:
        """Return the rows and sources that a link's figures rest on, with what is ticked."""
        network = self.whatif.network_of(Question.of(given.get("question")))
        link_id = str(given.get("link"))
        if link_id not in network.links:
            raise bad_argument("link", f"there is no link '{link_id}' here", "Tick what adds it")
        return [e.as_dict() for e in explain_link(network, link_id)]


_QUESTIONS: dict[str, Callable[[Desk, Mapping[str, Any]], Any]] = {
    "answer": Desk.answer,
    "gains": Desk.gains,
    "scenario": Desk.scenario,
    "link": Desk.link,
}


def _way(way: Way) -> dict[str, Any]:
    """Return a route with the names of its places and the borders that it crosses."""
    network = way.network
    crossing = {
        (frozenset((row["from_node_id"], row["to_node_id"])), row["mode"]): row["crossing_id"]
        for row in network.crossings
    }
    found = way.as_dict()
    for shown, leg in zip(found["legs"], way.legs, strict=True):
        ends = frozenset((leg.from_node_id, leg.to_node_id))
        shown["crossing_id"] = crossing.get((ends, leg.mode))
    return found | {"total": way.total if way.reachable else None, "countries": way.countries}


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


def _reply(value: Any, status: int = 200) -> Response:
    raw = value if isinstance(value, bytes) else _json(value)
    return Response(raw, status, media_type="application/json")


def _problem(message: str, status: int, hint: str = "") -> Response:
    return _reply({"problems": [{"message": message, "hint": hint}]}, status)


def create_app(desk: Desk, host: str = "127.0.0.1") -> ASGIApp:
    """Return the application that answers on a host."""
    folder = resources.files("sco_network.output.explorer") / "static"

    def page(_request: Request) -> Response:
        return FileResponse(str(folder / "index.html"))

    def network(_request: Request) -> Response:
        return _reply(desk.atlas)

    async def question(request: Request) -> Response:
        kind = request.path_params["kind"]
        if kind not in _QUESTIONS:
            return _problem("there is no such question", 404)
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            return _problem("only JSON is accepted", 415)
        try:
            given = json.loads(await request.body())
        except (ValueError, RecursionError):
            return _problem("this is not JSON", 400)
        if not isinstance(given, dict):
            return _problem("expected an object", 400)
        try:
            return _reply(await run_in_threadpool(desk.ask, kind, given))
        except InputError as error:
            return _reply({"problems": [p.as_dict() for p in error.problems]}, 422)

    routes = [
        Route("/", page),
        Route("/api/atlas", network),
        Route("/api/{kind}", question, methods=["POST"]),
        Mount("/static", StaticFiles(directory=str(folder))),
    ]
    return Guard(Starlette(routes=routes), host)


class Guard:
    """Lets in what comes from this machine's own page, within limits, and says so in headers.

    A page elsewhere could reach a loopback address by a name of its own that it points there
    (DNS rebinding); then the Host header carries that name. So the header must be an address,
    `localhost` or the host that the explorer was started on. A page elsewhere that asks this
    address by its own name says where it comes from, in Origin or Sec-Fetch-Site.
    """

    def __init__(self, app: ASGIApp, host: str) -> None:
        self.app = app
        self.host = host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            return
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        refusal = self._refusal(headers)
        body: bytes | None = b""
        if refusal is None:
            body = await _body(receive)
            if body is None:
                refusal = _problem("the question is too long", 413)

        async def reply(message: Message) -> None:
            if message["type"] == "http.response.start":
                extra = [(k.encode(), v.encode()) for k, v in HEADERS.items()]
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        waiting: list[Message] = [{"type": "http.request", "body": body or b"", "more_body": False}]

        async def read() -> Message:
            return waiting.pop() if waiting else await receive()

        await (self.app if refusal is None else refusal)(scope, read, reply)

    def _refusal(self, headers: Mapping[str, str]) -> Response | None:
        host = headers.get("host", "")
        name = _name_in(host)
        if name not in {"localhost", self.host} and not _is_address(name):
            return _problem("this address is not the explorer's", 421)
        foreign = headers.get("origin", f"http://{host}") != f"http://{host}"
        if foreign or headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
            return _problem("other pages may not ask", 403)
        return None


def _name_in(host: str) -> str:
    """Return the name in a Host header, without its port; "" where it is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:  # brackets around what is no address
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


async def _body(receive: Receive) -> bytes | None:
    """Return a request's body, or None where it is longer than is accepted."""
    body = b""
    while True:
        message = await receive()
        part: bytes = message.get("body", b"")
        body += part
        if len(body) > MAX_BODY:
            return None
        if not message.get("more_body", False):
            return body


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 stands for any free one.

    Raises
    ------
    InputError
        Where the port is taken or the host is not this machine's.
    """
    if not host or not host.isascii():  # the system takes nothing for every address
        raise bad_argument("--host", f"'{host}' is no address", "Leave it out, or name one")
    try:
        return socket.create_server((host, port), family=_family(host))
    except OverflowError:
        raise bad_argument("--port", f"{port} is no port", "Use 1 to 65535, or 0") from None
    except OSError as error:
        reason = (error.strerror or "").partition(" (while")[0]
        hint = "Choose another with --host or --port; --port 0 takes any free one"
        message = f"cannot listen on port {port} of {host}: {reason}"
        raise bad_argument("--host and --port", message, hint) from None


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def address(listening: socket.socket) -> str:
    """Return the address to open in a browser."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def serve(app: ASGIApp, listening: socket.socket) -> None:
    """Answer until the process is told to stop."""
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    uvicorn.Server(config).run(sockets=[listening])
