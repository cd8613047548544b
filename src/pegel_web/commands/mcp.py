"""``pegel mcp``: the MCP server over standard input and output, for an agent on the same machine."""

from __future__ import annotations

import sys

import anyio
import click

from pegel_web.commands.call import actor_of_environment


@click.command("mcp")
def mcp() -> None:
    """Serve Pegel's tools to an agent over standard input and output (MCP, stdio).

    It acts with the rights of the personal token in PEGEL_TOKEN, which is looked up anew for every call, so that a
    revoked token ends at once. An agent that reaches Pegel over the network needs no command: it connects to /mcp.

    \b
    PEGEL_TOKEN=pegel_… pegel mcp
    """
    # A token that does not work is said before the protocol begins.
    actor_of_environment("mcp")
    from mcp.server.stdio import stdio_server  # noqa: PLC0415  (needs the application, which is ready only now)

    from pegel_web.config.mcp_server import pegel_server  # noqa: PLC0415  (the same)

    server = pegel_server(lambda: actor_of_environment("mcp"))

    async def served() -> None:
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())

    try:
        anyio.run(served)
    except KeyboardInterrupt:
        sys.exit(130)
