"""Serves the console: a page, its data, and a stream of events."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import hypercorn.asyncio as hypercorn
import msgspec
from botocore.exceptions import BotoCoreError, ClientError
from hypercorn.config import Config
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from ..emulator import check_port
from ..emulator_settings import HOST
from ..errors import UserError
from ..text import short
from .views import Views

PAGE = Path(__file__).parent / "page"

SITE = Path(__file__).parents[2] / "site" / "public"
SHARED = ("app.css", "favicon.svg")
"""Files of the web app that the page shares: it looks like the café."""

TICK_SECONDS = 0.05
"""The interval between looks for new records, for the stream of events."""

SILENT_SECONDS = 15
"""After how long without news the stream says so, which notices that the page is gone."""

MOST_MOVES = 500
"""How many moves are sent at once; of more, only the last."""

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; connect-src 'self'; img-src 'self'; script-src 'self'; style-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

JSON = "application/json"

App = Callable[[Any, Any, Any], Awaitable[None]]


def serve(views: Views, port: int) -> None:
    """Serve the console at a port, in the background, as long as the process lives. Raises `UserError` if the port is
    taken."""
    check_port(port, "end what uses it, and try again")
    config = Config()
    config.bind = [f"{HOST}:{port}"]
    config.loglevel = "WARNING"
    app: Any = guarded(application(views), port)

    def run() -> None:
        asyncio.run(hypercorn.serve(app, config, shutdown_trigger=asyncio.Event().wait))

    threading.Thread(target=run, daemon=True).start()


def application(views: Views) -> Starlette:
    """The console's application, without its guard."""
    reads: dict[str, Callable[[Request], Any]] = {
        "flow": lambda _: views.flow(),
        "orders": lambda _: views.orders(),
        "order": lambda request: views.order(
            request.query_params.get("customer", ""), request.query_params.get("id", "")
        ),
        "records/{id:int}": lambda request: views.record(request.path_params["id"]),
        "functions": lambda _: views.functions(),
        "permissions": lambda _: views.permissions(),
        "data": lambda _: views.data(),
        "items": lambda request: views.items(request.query_params.get("table", "")),
        "messages": lambda request: views.messages(request.query_params.get("queue", "")),
    }
    writes: dict[str, Callable[[dict[str, Any]], Any]] = {
        "invoke": views.invoke,
        "replay": views.replay,
        "redrive": views.redrive,
        "discard": views.discard,
    }
    return Starlette(
        routes=[
            *(Route(f"/data/{path}", _reading(read), methods=["GET"]) for path, read in reads.items()),
            *(Route(f"/{name}", _writing(write), methods=["POST"]) for name, write in writes.items()),
            Route("/events", _events(views), methods=["GET"]),
            *(Route(f"/{name}", _file(SITE / name), methods=["GET"]) for name in SHARED),
            Mount("/", StaticFiles(directory=PAGE, html=True)),
        ]
    )


def guarded(app: App, port: int) -> App:
    """The application for pages of its own origin only: other pages, also those whose host name resolves to this
    machine, can neither read nor change anything."""
    hosts = {f"localhost:{port}", f"127.0.0.1:{port}"}
    origins = {None, *(f"http://{host}" for host in hosts)}

    async def serve_own(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await app(scope, receive, send)
            return  # there are no WebSockets
        headers = Headers(scope=scope)
        is_own = headers.get("sec-fetch-site", "none") in ("none", "same-origin")
        if not is_own or headers.get("host") not in hosts or headers.get("origin") not in origins:
            refusal = JSONResponse({"error": "The console answers only its own page."}, 403)
            await refusal(scope, receive, send)
        elif scope["method"] == "POST" and headers.get("content-type") != JSON:
            await JSONResponse({"error": f"The content type must be {JSON}."}, 415)(scope, receive, send)
        else:
            await app(scope, receive, _with_headers(send))

    return serve_own


def _with_headers(send: Any) -> Any:
    added = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]

    async def answer(message: Any) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *added]}
        await send(message)

    return answer


def _file(path: Path) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_: Request) -> Response:
        return FileResponse(path)

    return answer


def _reading(read: Callable[[Request], Any]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        return await run_in_threadpool(_answered, lambda: read(request))

    return answer


def _writing(write: Callable[[dict[str, Any]], Any]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            content = json.loads(await request.body())
        except ValueError:
            content = None
        if not isinstance(content, dict):
            return JSONResponse({"error": "The body must be a JSON object."}, 400)
        return await run_in_threadpool(_answered, lambda: write(content))

    return answer


def _answered(work: Callable[[], Any]) -> Response:
    try:
        return Response(msgspec.json.encode(work()), media_type=JSON)
    except UserError as error:
        return JSONResponse({"error": str(error)}, 400)
    except (BotoCoreError, ClientError, OSError) as error:
        return JSONResponse({"error": short(error)}, 502)
    except Exception as error:  # noqa: BLE001  the page shows it; the run must go on
        return JSONResponse({"error": f"{type(error).__name__}: {short(error)}"}, 500)


def _event(content: dict[str, Any]) -> bytes:
    return b"data: " + msgspec.json.encode(content) + b"\n\n"


def _events(views: Views) -> Callable[[Request], Awaitable[Response]]:
    """What has happened since, as server-sent events: the run, the number of records, and their moves."""

    async def stream() -> AsyncIterator[bytes]:
        seen, told = views.recordings.number, time.monotonic()
        yield b"retry: 1000\n" + _event({"run": views.run, "number": seen, "moves": []})
        while True:
            if views.recordings.number != seen:
                seen, moves = await run_in_threadpool(views.news, seen)
                yield _event({"run": views.run, "number": seen, "moves": moves[-MOST_MOVES:]})
                told = time.monotonic()
            elif time.monotonic() > told + SILENT_SECONDS:
                yield b": nothing new\n\n"
                told = time.monotonic()
            await asyncio.sleep(TICK_SECONDS)

    async def answer(_: Request) -> Response:
        return StreamingResponse(stream(), media_type="text/event-stream")

    return answer
