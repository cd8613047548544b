"""``pegel serve``."""

from __future__ import annotations

import http.client
import os
import sys
from pathlib import Path

import click

from pegel.cli.options import language_option
from pegel.words import Language, say
from pegel_web.commands.demo_application import make_demo, show_access, use_demo_folder
from pegel_web.commands.installation import settings_read
from pegel_web.commands.supervisor import Supervisor


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0: all.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option(
    "--demo",
    "demo_folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Show the invented organisation on what `pegel demo` wrote into this folder.",
)
@language_option
def serve(host: str, port: int, demo_folder: Path | None, language: Language) -> None:
    """Run Pegel on this machine: one web and one worker process, started again when they crash.

    Brings the database and the static files to this version first. Ctrl-C or SIGTERM ends both in order.

    \b
    pegel serve --port 8000
    """
    if demo_folder is not None:
        use_demo_folder(demo_folder)
    # Links, tokens and the check against forged requests name the address that people open.
    os.environ.setdefault("PEGEL_PUBLIC_URL", f"http://{shown(host)}:{port}")
    settings_read()
    made = None if demo_folder is None else make_demo(demo_folder, language)

    def crashed(name: str, code: int) -> None:
        click.echo(say("commands.serve.crashed", language, process=name, code=code), err=True)

    supervisor = Supervisor(crashed=crashed)
    supervisor.add("web", "web", "--host", host, "--port", str(port), "--prepare")
    # The worker needs the schema, which the web process makes.
    code = supervisor.run(until=lambda: answers(host, port))
    if code is None:
        if made is not None:
            show_access(*made, language)
        click.echo(say("commands.serve.ready", language, address=f"http://{shown(host)}:{port}"))
        sys.stdout.flush()
        supervisor.add("worker", "worker")
        code = supervisor.run()
    sys.exit(code)


def answers(host: str, port: int) -> bool:
    """Tell whether the web process can do its work."""
    connection = http.client.HTTPConnection(reached(host), port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def reached(host: str) -> str:
    """Return the address by which this machine reaches what listens on ``host``."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  (compared, not bound)


def shown(host: str) -> str:
    """Return the host as it stands in an address.

    >>> shown("0.0.0.0"), shown("::")
    ('127.0.0.1', '[::1]')
    """
    name = reached(host)
    return f"[{name}]" if ":" in name else name
