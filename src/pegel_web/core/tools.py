"""What programs may call by name: one registry, served as MCP tools and as ``pegel call``.

    @tool(permission="flow.stream.view")
    def stream_overview(actor: Actor, *, limit: int = 50) -> list[StreamSummary]:
        '''Value streams with their five flow metrics.'''
        return queries.stream_overview(actor=actor, limit=limit)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pegel.errors import InternalError
from pegel_web.core.permissions import permission as declared

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A function that takes the actor and named plain values, and returns a contract.

    ``reads``: it changes nothing. The permission is for the list of tools only; the service checks it again.
    """

    name: str
    function: Callable[..., Any]
    permission: str
    reads: bool


_TOOLS: Final[dict[str, Tool]] = {}


def tool(*, permission: str, reads: bool = True) -> Callable[[F], F]:
    """Register a function under its own name; its docstring tells programs what it does."""

    def registered(function: F) -> F:
        name = function.__name__
        if name in _TOOLS and _TOOLS[name].function is not function:
            raise InternalError("tool_twice", name=name)
        declared(permission)
        _TOOLS[name] = Tool(name=name, function=function, permission=permission, reads=reads)
        return function

    return registered


def tools() -> tuple[Tool, ...]:
    """Return every registered tool, by name."""
    return tuple(_TOOLS[name] for name in sorted(_TOOLS))
