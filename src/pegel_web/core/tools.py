"""What programs may call by name: one registry, served as MCP tools and as ``pegel call``.

    @tool(permission="flow.stream.view")
    def stream_overview(actor: Actor, *, limit: Annotated[int, Field(ge=1, le=500)] = 50) -> tuple[StreamSummary, ...]:
        '''Value streams with their five flow metrics.'''
        return queries.stream_overview(actor=actor, limit=limit)

Arguments and answers are described by the signature: what a program may send and what it gets is what is written there.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, create_model

from pegel.errors import InputError, InternalError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.errors import NotAllowedError
from pegel_web.core.keepable import UnkeepableError, require_keepable
from pegel_web.core.permissions import permission as declared

F = TypeVar("F", bound=Callable[..., Any])
#: Under this name stands an answer that is no object by itself, such as a list.
WRAPPED: Final = "result"


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A function that takes the actor and named plain values, and returns a contract.

    ``permissions``: any one of them is enough to be offered the tool; they are for the list of tools only, the service
    checks again. ``reads``: it changes nothing.
    """

    name: str
    function: Callable[..., Any]
    permissions: tuple[str, ...]
    reads: bool

    def offered_to(self, actor: Actor) -> bool:
        """Tell whether an actor has one of the permissions anywhere."""
        return any(actor.has(code) for code in self.permissions)

    @property
    def description(self) -> str:
        """Return what it does, for programs."""
        return inspect.getdoc(self.function) or ""

    @cached_property
    def arguments(self) -> type[BaseModel]:
        """Return the shape of its arguments."""
        hints = get_type_hints(self.function, include_extras=True)
        fields: dict[str, Any] = {
            name: (hints[name], ... if parameter.default is parameter.empty else parameter.default)
            for name, parameter in inspect.signature(self.function).parameters.items()
            if parameter.kind is parameter.KEYWORD_ONLY
        }
        return create_model(self.name, __config__=ConfigDict(extra="forbid"), **fields)

    @cached_property
    def answer(self) -> TypeAdapter[Any]:
        """Return the shape of its answer."""
        return TypeAdapter(get_type_hints(self.function, include_extras=True)["return"])

    @cached_property
    def input_schema(self) -> dict[str, Any]:
        """Return the JSON schema of its arguments."""
        return self.arguments.model_json_schema()

    @cached_property
    def output_schema(self) -> dict[str, Any]:
        """Return the JSON schema of its answer, which is always an object."""
        schema = self.answer.json_schema(mode="serialization")
        if not self._wraps:
            return schema
        defs = schema.pop("$defs", None)
        wrapped = {"type": "object", "properties": {WRAPPED: schema}, "required": [WRAPPED]}
        return wrapped if defs is None else {**wrapped, "$defs": defs}

    @cached_property
    def _wraps(self) -> bool:
        return self.answer.json_schema(mode="serialization").get("type") != "object"

    def call(self, actor: Actor, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Call it with plain values; returns its answer as plain values that follow ``output_schema``.

        Raises
        ------
        NotAllowedError: ``not_allowed``. InputError: ``tool_arguments_invalid`` with the fields. And what it raises.
        """
        if not self.offered_to(actor):
            raise NotAllowedError("not_allowed", permission=self.permissions[0])
        given = self._checked(arguments)
        answer = self.function(actor, **given)
        plain = self.answer.dump_python(answer, mode="json")
        return {WRAPPED: plain} if self._wraps else plain

    def _checked(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        try:
            require_keepable(arguments)
            model = self.arguments.model_validate(dict(arguments))
        except UnkeepableError:
            raise InputError("request_malformed") from None
        except ValidationError as error:
            fields = [
                {"at": ".".join(str(part) for part in one["loc"]), "rule": one["type"], "says": one["msg"]}
                for one in error.errors(include_url=False, include_input=False)
            ]
            places = [one["at"] for one in fields]
            raise InputError("tool_arguments_invalid", name=self.name, places=places, fields=fields) from None
        return {name: getattr(model, name) for name in type(model).model_fields}


_TOOLS: Final[dict[str, Tool]] = {}


def tool(*, permission: str | tuple[str, ...], reads: bool = True) -> Callable[[F], F]:
    """Register a function under its own name; its docstring tells programs what it does.

    ``permission``: who is offered it; of several any one is enough.
    """
    permissions = (permission,) if isinstance(permission, str) else permission

    def registered(function: F) -> F:
        name = function.__name__
        if name in _TOOLS and _TOOLS[name].function is not function:
            raise InternalError("tool_twice", name=name)
        for code in permissions:
            declared(code)
        _TOOLS[name] = Tool(name=name, function=function, permissions=permissions, reads=reads)
        return function

    return registered


def tools() -> tuple[Tool, ...]:
    """Return every registered tool, by name."""
    return tuple(_TOOLS[name] for name in sorted(_TOOLS))


def tools_for(actor: Actor) -> tuple[Tool, ...]:
    """Return the tools that an actor's rights and scopes offer, by name."""
    return tuple(one for one in tools() if one.offered_to(actor))


def tool_named(name: str) -> Tool:
    """Return a tool.

    Raises
    ------
    NotFoundError: ``tool_unknown``.
    """
    try:
        return _TOOLS[name]
    except KeyError:
        raise NotFoundError("tool_unknown", name=name) from None
