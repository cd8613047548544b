"""The MCP server: the registered tools, with the rights of whoever asks; ``mcp_http.py`` says how it is reached."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final, TypeVar

import structlog
from asgiref.sync import sync_to_async
from django.db import connections
from mcp.server.caching import CacheableMethod, CacheHint
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    ToolAnnotations,
)
from mcp_types import Tool as DescribedTool

from pegel import __version__
from pegel.errors import InternalError, NotFoundError, PegelError
from pegel.words.catalogue import shown_in
from pegel.words.explanation import explain
from pegel_web.core.actor import Actor
from pegel_web.core.problems import IN_APPLICATION, known_language, plain_values
from pegel_web.core.tools import Tool, tool_named, tools_for

T = TypeVar("T")
_LOG = structlog.get_logger("pegel.mcp")
_INSTRUCTIONS: Final = (
    "Pegel reads the flow of an organisation's work, shows where it stalls, and proves whether AI helped. "
    "The tools act with the rights of the person behind the token; figures are about streams and teams, never about a "
    "person. 'Not configured', 'no data', 'undefined' and zero are four different answers."
)
#: The list differs by rights, which seldom change within a minute; every call is checked anew.
_CACHING: Final[dict[CacheableMethod, CacheHint]] = {
    "tools/list": CacheHint(ttl_ms=60_000, scope="private"),
    "server/discover": CacheHint(ttl_ms=300_000, scope="public"),
}


def pegel_server(actor_now: Callable[[], Actor]) -> Server[Any]:
    """Return the server; ``actor_now`` says, in a thread that may use the database, who is asking."""

    async def list_tools(_: ServerRequestContext[Any], __: PaginatedRequestParams | None) -> ListToolsResult:
        return await in_thread(lambda: ListToolsResult(tools=[_described(one) for one in tools_for(actor_now())]))

    async def call_tool(_: ServerRequestContext[Any], params: CallToolRequestParams) -> CallToolResult:
        return await in_thread(partial(_called, actor_now, params.name, params.arguments or {}))

    return Server(
        "pegel",
        version=__version__,
        title="Pegel",
        instructions=_INSTRUCTIONS,
        cache_hints=_CACHING,
        get_tool_input_schema=_input_schema,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def in_thread(work: Callable[[], T]) -> Awaitable[T]:
    """Do database work in the thread of this request, with connections as a web request has them."""

    def bounded() -> T:
        _close_old_connections()
        try:
            with shown_in(IN_APPLICATION):
                return work()
        finally:
            _close_old_connections()

    return sync_to_async(bounded, thread_sensitive=True)()


def _close_old_connections() -> None:
    for connection in connections.all(initialized_only=True):
        # Inside a transaction there is a caller who still needs it.
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


def _called(actor_now: Callable[[], Actor], name: str, arguments: dict[str, Any]) -> CallToolResult:
    try:
        tool = tool_named(name)
    except NotFoundError as error:
        raise MCPError(code=INVALID_PARAMS, message=f"Unknown tool: {name[:100]}") from error
    try:
        actor = actor_now()
    except PegelError as error:
        return _failed(error, "en")
    try:
        answer = tool.call(actor, arguments)
    except PegelError as error:
        if isinstance(error, InternalError):
            _LOG.error("tool failed", tool=name, code=error.code)
        return _failed(error, actor.language)
    except Exception:
        _LOG.exception("tool failed", tool=name)
        return _failed(InternalError("internal"), actor.language)
    text = json.dumps(answer, ensure_ascii=False)
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=answer)


def _failed(error: PegelError, language: str) -> CallToolResult:
    """Return an error as the model reads it: code and words; a defect of Pegel says nothing of its inside."""
    shown = InternalError("internal") if isinstance(error, InternalError) else error
    words = explain(shown, known_language(language))
    said = {"code": shown.code, "says": words.says, "do": words.do, "values": plain_values(shown.values)}
    text = json.dumps(said, ensure_ascii=False, default=str)
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)


def _described(tool: Tool) -> DescribedTool:
    return DescribedTool(
        name=tool.name,
        description=tool.description,
        input_schema=tool.input_schema,
        output_schema=tool.output_schema,
        annotations=ToolAnnotations(read_only_hint=tool.reads, destructive_hint=not tool.reads, open_world_hint=False),
    )


def _input_schema(name: str) -> dict[str, Any] | None:
    try:
        return tool_named(name).input_schema
    except NotFoundError:
        return None
