"""The fixture tools, resources and prompts that the official conformance scenarios ask for, on a plain SDK server."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import mcp_types as t
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity
from mcp.server.subscriptions import (
    InMemorySubscriptionBus,
    ListenHandler,
    PromptsListChanged,
    ResourcesListChanged,
    ToolsListChanged,
)
from mcp.shared.exceptions import MCPError

Context = ServerRequestContext[Any]
Call = t.CallToolRequestParams
Result = t.CallToolResult | t.InputRequiredResult
_BUS = InMemorySubscriptionBus()
_TOOLS: dict[str, tuple[t.Tool, Callable[[Context, Call], Awaitable[Result]]]] = {}


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = base64.b64encode(
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    + _chunk(b"IDAT", zlib.compress(b"\0\xff\0\0"))
    + _chunk(b"IEND", b"")
).decode()
WAV = base64.b64encode(
    b"RIFF" + struct.pack("<I", 36) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)
    + b"data" + struct.pack("<I", 0)
).decode()  # fmt: skip
ADDRESS_SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
        }
    },
    "properties": {
        "name": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"},
        "email": {"type": "string"},
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}


def text(said: str) -> t.CallToolResult:
    return t.CallToolResult(content=[t.TextContent(type="text", text=said)])


def tool(schema: dict[str, Any] | None = None) -> Callable[[Any], Any]:
    def registered(function: Callable[[Context, Call], Awaitable[Result]]) -> Any:
        described = t.Tool(
            name=function.__name__,
            description=f"Fixture {function.__name__}.",
            input_schema=schema or {"type": "object", "properties": {}},
        )
        _TOOLS[function.__name__] = (described, function)
        return function

    return registered


def image() -> t.ImageContent:
    return t.ImageContent(type="image", data=PNG, mime_type="image/png")


def embedded(uri: str, mime_type: str, content: str) -> t.EmbeddedResource:
    return t.EmbeddedResource(
        type="resource", resource=t.TextResourceContents(uri=uri, mime_type=mime_type, text=content)
    )


@tool()
async def test_simple_text(ctx: Context, call: Call) -> Result:
    return text("This is a simple text response for testing.")


@tool()
async def test_image_content(ctx: Context, call: Call) -> Result:
    return t.CallToolResult(content=[image()])


@tool()
async def test_audio_content(ctx: Context, call: Call) -> Result:
    return t.CallToolResult(content=[t.AudioContent(type="audio", data=WAV, mime_type="audio/wav")])


@tool()
async def test_embedded_resource(ctx: Context, call: Call) -> Result:
    found = embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")
    return t.CallToolResult(content=[found])


@tool()
async def test_multiple_content_types(ctx: Context, call: Call) -> Result:
    said = t.TextContent(type="text", text="Multiple content types test:")
    found = embedded("test://mixed-content-resource", "application/json", '{"test":"data","value":123}')
    return t.CallToolResult(content=[said, image(), found])


@tool()
async def test_tool_with_logging(ctx: Context, call: Call) -> Result:
    for said in ("Tool execution started", "Tool processing data", "Tool execution completed"):
        await ctx.session.send_log_message("info", said, related_request_id=ctx.request_id)
        await anyio.sleep(0.05)
    return text("done")


@tool()
async def test_logging_tool(ctx: Context, call: Call) -> Result:
    await ctx.session.send_log_message("info", "only for those who asked", related_request_id=ctx.request_id)
    return text("done")


@tool()
async def test_tool_with_progress(ctx: Context, call: Call) -> Result:
    for step in (0, 50, 100):
        await ctx.session.report_progress(step, 100)
        await anyio.sleep(0.05)
    return text("done")


@tool()
async def test_error_handling(ctx: Context, call: Call) -> Result:
    failed = t.TextContent(type="text", text="This tool intentionally returns an error for testing")
    return t.CallToolResult(content=[failed], is_error=True)


@tool(ADDRESS_SCHEMA)
async def json_schema_2020_12_tool(ctx: Context, call: Call) -> Result:
    return text("ok")


@tool({"type": "object", "properties": {"region": {"type": "string", "x-mcp-header": "Region"}}})
async def test_custom_headers(ctx: Context, call: Call) -> Result:
    return text("ok")


@tool()
async def test_trigger_tool_change(ctx: Context, call: Call) -> Result:
    await _BUS.publish(ToolsListChanged())
    return text("ok")


@tool()
async def test_trigger_prompt_change(ctx: Context, call: Call) -> Result:
    await _BUS.publish(PromptsListChanged())
    return text("ok")


@tool()
async def test_trigger_resource_change(ctx: Context, call: Call) -> Result:
    await _BUS.publish(ResourcesListChanged())
    return text("ok")


# What asks the client back: by the way of each version of the protocol --------------------------------------------
@tool({"type": "object", "properties": {"prompt": {"type": "string"}}, "required": ["prompt"]})
async def test_sampling(ctx: Context, call: Call) -> Result:
    asked = t.SamplingMessage(role="user", content=t.TextContent(type="text", text=(call.arguments or {})["prompt"]))
    found = await ctx.session.create_message([asked], max_tokens=100, related_request_id=ctx.request_id)
    return text(f"LLM response: {getattr(found.content, 'text', '')}")


def form(message: str, **properties: dict[str, Any]) -> t.ElicitRequest:
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return t.ElicitRequest(params=t.ElicitRequestFormParams(message=message, requested_schema=schema))


async def _elicited(ctx: Context, request: t.ElicitRequest) -> Result:
    found = await ctx.session.elicit_form(
        request.params.message, request.params.requested_schema, related_request_id=ctx.request_id
    )
    return text(f"Elicitation completed: action={found.action}, content={json.dumps(found.content)}")


@tool({"type": "object", "properties": {"message": {"type": "string"}}, "required": ["message"]})
async def test_elicitation(ctx: Context, call: Call) -> Result:
    message = (call.arguments or {})["message"]
    return await _elicited(ctx, form(message, username={"type": "string"}, email={"type": "string"}))


@tool()
async def test_elicitation_sep1034_defaults(ctx: Context, call: Call) -> Result:
    return await _elicited(
        ctx,
        form(
            "Please answer",
            name={"type": "string", "default": "John Doe"},
            age={"type": "integer", "default": 30},
            score={"type": "number", "default": 95.5},
            status={"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
            verified={"type": "boolean", "default": True},
        ),
    )


@tool()
async def test_elicitation_sep1330_enums(ctx: Context, call: Call) -> Result:
    plain, titled = (
        ["option1", "option2"],
        [{"const": "value1", "title": "First"}, {"const": "value2", "title": "Second"}],
    )
    return await _elicited(
        ctx,
        form(
            "Please choose",
            untitledSingle={"type": "string", "enum": plain},
            titledSingle={"type": "string", "oneOf": titled},
            legacyEnum={"type": "string", "enum": plain, "enumNames": ["Option One", "Option Two"]},
            untitledMulti={"type": "array", "items": {"type": "string", "enum": plain}},
            titledMulti={"type": "array", "items": {"anyOf": titled}},
        ),
    )


NAME = {"type": "string"}
SAMPLING = t.CreateMessageRequest(
    params=t.CreateMessageRequestParams(
        messages=[
            t.SamplingMessage(role="user", content=t.TextContent(type="text", text="What is the capital of France?"))
        ],
        max_tokens=100,
    )
)


def asking(state: str | None = None, **requests: Any) -> t.InputRequiredResult:
    return t.InputRequiredResult(input_requests=requests, request_state=state)


def answered(call: Any, *names: str) -> dict[str, Any] | None:
    given = call.input_responses or {}
    return given if all(name in given for name in names) else None


@tool()
async def test_input_required_result_elicitation(ctx: Context, call: Call) -> Result:
    given = answered(call, "user_name")
    if given is None or not isinstance(found := given["user_name"], t.ElicitResult) or not found.content:
        return asking(user_name=form("What is your name?", name=NAME))
    return text(f"Hello, {found.content.get('name')}!")


@tool()
async def test_streaming_elicitation(ctx: Context, call: Call) -> Result:
    return await test_input_required_result_elicitation(ctx, call)


@tool()
async def test_input_required_result_sampling(ctx: Context, call: Call) -> Result:
    given = answered(call, "capital_question")
    if given is None:
        return asking(capital_question=SAMPLING)
    return text(getattr(given["capital_question"].content, "text", "answered"))


@tool()
async def test_input_required_result_list_roots(ctx: Context, call: Call) -> Result:
    given = answered(call, "client_roots")
    if given is None:
        return asking(client_roots=t.ListRootsRequest(params=t.RequestParams()))
    return text(", ".join(str(root.uri) for root in given["client_roots"].roots))


@tool()
async def test_input_required_result_request_state(ctx: Context, call: Call) -> Result:
    if answered(call, "confirm") is None or call.request_state != "confirming":
        return asking("confirming", confirm=form("Please confirm", ok={"type": "boolean"}))
    return text("state-ok")


@tool()
async def test_input_required_result_tampered_state(ctx: Context, call: Call) -> Result:
    return await test_input_required_result_request_state(ctx, call)


@tool()
async def test_input_required_result_multiple_inputs(ctx: Context, call: Call) -> Result:
    if answered(call, "user_name", "greeting", "client_roots") is None:
        return asking(
            "several",
            user_name=form("What is your name?", name=NAME),
            greeting=SAMPLING,
            client_roots=t.ListRootsRequest(params=t.RequestParams()),
        )
    return text("all there")


@tool()
async def test_input_required_result_multi_round(ctx: Context, call: Call) -> Result:
    if call.request_state == "second" and answered(call, "step2") is not None:
        return text("done")
    if call.request_state == "first" and answered(call, "step1") is not None:
        return asking("second", step2=form("Step 2: What is your favorite color?", color=NAME))
    return asking("first", step1=form("Step 1: What is your name?", name=NAME))


@tool()
async def test_input_required_result_capabilities(ctx: Context, call: Call) -> Result:
    able = ctx.session.client_capabilities
    requests: dict[str, Any] = {}
    if able is not None and able.elicitation is not None:
        requests["user_name"] = form("What is your name?", name=NAME)
    if able is not None and able.sampling is not None:
        requests["capital_question"] = SAMPLING
    return asking(**requests)


@tool()
async def test_missing_capability(ctx: Context, call: Call) -> Result:
    able = ctx.session.client_capabilities
    if able is None or able.sampling is None:
        needed = t.ClientCapabilities(sampling=t.SamplingCapability())
        data = t.MissingRequiredClientCapabilityErrorData(required_capabilities=needed)
        raise MCPError(
            code=t.MISSING_REQUIRED_CLIENT_CAPABILITY,
            message="This tool needs sampling",
            data=data.model_dump(by_alias=True, mode="json", exclude_none=True),
        )
    return text("ok")


# Resources and prompts -----------------------------------------------------------------------------------------------
TEMPLATE = "test://template/{id}/data"
RESOURCES = {
    "test://static-text": ("text/plain", "This is the content of the static text resource."),
    "test://static-binary": ("image/png", None),
    "test://watched-resource": ("text/plain", "Watched resource content"),
}


def _read(uri: str) -> t.ReadResourceResult:
    if uri in RESOURCES:
        mime_type, content = RESOURCES[uri]
        if content is None:
            blob = t.BlobResourceContents(uri=uri, mime_type=mime_type, blob=PNG)
            return t.ReadResourceResult(contents=[blob])
        return t.ReadResourceResult(contents=[t.TextResourceContents(uri=uri, mime_type=mime_type, text=content)])
    before, after = TEMPLATE.split("{id}")
    if uri.startswith(before) and uri.endswith(after):
        number = uri.removeprefix(before).removesuffix(after)
        said = json.dumps({"id": number, "templateTest": True, "data": f"Data for ID: {number}"})
        found = t.TextResourceContents(uri=uri, mime_type="application/json", text=said)
        return t.ReadResourceResult(contents=[found])
    raise MCPError(code=t.INVALID_PARAMS, message="Resource not found", data={"uri": uri})


def _messages(*contents: Any) -> t.GetPromptResult:
    return t.GetPromptResult(messages=[t.PromptMessage(role="user", content=one) for one in contents])


def _said(words: str) -> t.TextContent:
    return t.TextContent(type="text", text=words)


PROMPTS = {
    "test_simple_prompt": (),
    "test_prompt_with_arguments": ("arg1", "arg2"),
    "test_prompt_with_embedded_resource": ("resourceUri",),
    "test_prompt_with_image": (),
    "test_input_required_result_prompt": (),
}


async def get_prompt(ctx: Context, params: t.GetPromptRequestParams) -> t.GetPromptResult | t.InputRequiredResult:
    given = params.arguments or {}
    match params.name:
        case "test_simple_prompt":
            return _messages(_said("This is a simple prompt for testing."))
        case "test_prompt_with_arguments":
            return _messages(_said(f"Prompt with arguments: arg1='{given['arg1']}', arg2='{given['arg2']}'"))
        case "test_prompt_with_embedded_resource":
            found = embedded(given["resourceUri"], "text/plain", "Embedded resource content for testing.")
            return _messages(found, _said("Please process the embedded resource above."))
        case "test_prompt_with_image":
            return _messages(image(), _said("Please analyze the image above."))
        case "test_input_required_result_prompt":
            answers = answered(params, "user_context")
            if answers is None:
                return asking(user_context=form("What context should the prompt use?", context=NAME))
            return _messages(_said(f"Context: {answers['user_context'].content}"))
    raise MCPError(code=t.INVALID_PARAMS, message=f"Unknown prompt: {params.name}")


def fixture_server() -> Server[Any]:
    """Return the server with all fixtures."""

    async def list_tools(ctx: Context, params: Any) -> t.ListToolsResult:
        return t.ListToolsResult(tools=[described for described, _ in _TOOLS.values()])

    async def call_tool(ctx: Context, params: Call) -> Result:
        if params.name not in _TOOLS:
            raise MCPError(code=t.INVALID_PARAMS, message=f"Unknown tool: {params.name}")
        return await _TOOLS[params.name][1](ctx, params)

    async def list_resources(ctx: Context, params: Any) -> t.ListResourcesResult:
        return t.ListResourcesResult(
            resources=[
                t.Resource(uri=uri, name=uri, description="Fixture.", mime_type=mime_type)
                for uri, (mime_type, _) in RESOURCES.items()
            ]
        )

    async def list_templates(ctx: Context, params: Any) -> t.ListResourceTemplatesResult:
        found = t.ResourceTemplate(uri_template=TEMPLATE, name="template", description="Fixture.")
        return t.ListResourceTemplatesResult(resource_templates=[found])

    async def read_resource(ctx: Context, params: t.ReadResourceRequestParams) -> t.ReadResourceResult:
        return _read(str(params.uri))

    async def list_prompts(ctx: Context, params: Any) -> t.ListPromptsResult:
        return t.ListPromptsResult(
            prompts=[
                t.Prompt(
                    name=name,
                    description="Fixture.",
                    arguments=[t.PromptArgument(name=one, description=one, required=True) for one in arguments],
                )
                for name, arguments in PROMPTS.items()
            ]
        )

    async def complete(ctx: Context, params: Any) -> t.CompleteResult:
        return t.CompleteResult(completion=t.Completion(values=[], total=0, has_more=False))

    async def nothing(ctx: Context, params: Any) -> t.EmptyResult:
        return t.EmptyResult()

    server: Server[Any] = Server(
        "pegel-conformance",
        version="1",
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_list_resource_templates=list_templates,
        on_read_resource=read_resource,
        on_subscribe_resource=nothing,
        on_unsubscribe_resource=nothing,
        on_subscriptions_listen=ListenHandler(_BUS),
        on_list_prompts=list_prompts,
        on_get_prompt=get_prompt,
        on_completion=complete,
        on_set_logging_level=nothing,
    )
    server.middleware.append(
        RequestStateBoundary(RequestStateSecurity.ephemeral(), default_audience="pegel-conformance")
    )
    return server
