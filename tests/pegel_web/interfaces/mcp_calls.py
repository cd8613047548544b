"""The MCP server as a program reaches it: over HTTP, in the process of the test."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from asgiref.sync import async_to_sync
from starlette.applications import Starlette

from pegel_web.config.mcp_http import PegelTokens, _actor_of_request, at_the_door, http_transport
from pegel_web.config.mcp_server import pegel_server

ADDRESS = "http://127.0.0.1:8000"
MODERN, HANDSHAKE = "2026-07-28", "2025-11-25"


@asynccontextmanager
async def running() -> AsyncIterator[httpx.AsyncClient]:
    """Run the server as the application does, and yield a client of it."""
    inner: Starlette = http_transport(pegel_server(_actor_of_request), tokens=PegelTokens())
    async with inner.router.lifespan_context(inner):
        transport = httpx.ASGITransport(app=at_the_door(inner))
        async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as client:
            yield client


def post(
    method: str,
    params: dict[str, Any] | None = None,
    *,
    token: str | None = None,
    version: str = MODERN,
    **headers: str,
) -> httpx.Response:
    """Send one request and return the answer."""

    async def sent() -> httpx.Response:
        async with running() as client:
            return await client.post("/mcp", **request(method, params, token=token, version=version, **headers))

    return async_to_sync(sent)()


def request(
    method: str, params: dict[str, Any] | None, *, token: str | None, version: str, **headers: str
) -> dict[str, Any]:
    """Return body and headers of a request in one of the two versions of the protocol."""
    params = dict(params or {})
    sent = {
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": version,
        "Accept-Language": "en",
    }
    if version == MODERN:
        params["_meta"] = {
            "io.modelcontextprotocol/protocolVersion": version,
            "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {},
        }
        sent["Mcp-Method"] = method
        if "name" in params:
            sent["Mcp-Name"] = params["name"]
    if token is not None:
        sent["Authorization"] = f"Bearer {token}"
    sent.update({name.replace("_", "-"): value for name, value in headers.items()})
    return {"json": {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}, "headers": sent}


def answer(response: httpx.Response) -> dict[str, Any]:
    """Return what the server answered, from JSON or from an event stream."""
    text = response.text
    if response.headers["content-type"].startswith("text/event-stream"):
        text = next(line[6:] for line in text.splitlines() if line.startswith("data: {"))
    found: dict[str, Any] = json.loads(text)
    return found
