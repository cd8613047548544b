"""``pegel web``."""

from __future__ import annotations

import os
import socket
import tempfile

import click

from pegel.errors import UserError
from pegel_web.commands.installation import SETTINGS, load_apps, settings_read
from pegel_web.commands.supervised import end_with_supervisor


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0: all.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="How many web processes.")
@click.option("--prepare", is_flag=True, help="First bring the database and the static files to this version.")
def web(host: str, port: int, workers: int, prepare: bool) -> None:
    """Serve the pages and interfaces. Background work needs `pegel worker` beside it.

    \b
    pegel web --host 0.0.0.0 --workers 4
    """
    settings_read()
    end_with_supervisor()
    require_free(host, port)
    load_apps()
    from pegel_web.commands import preparing  # noqa: PLC0415  (the apps must be loaded first)

    if prepare:
        preparing.migrate()
        preparing.collect_static()
    preparing.forget_again()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    import uvicorn  # noqa: PLC0415  (loaded only by this command)

    with tempfile.TemporaryDirectory(prefix="pegel-metrics-") as folder:
        if workers > 1:
            # Every process writes its figures there, and each can answer for all of them.
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        uvicorn.run(
            "pegel_web.config.asgi:application",
            host=host,
            port=port,
            workers=workers,
            lifespan="auto",
            log_config=None,
            access_log=False,
            # Who called is read from the headers of trusted proxies only where it matters, by the application.
            proxy_headers=False,
            server_header=False,
            # Longer than a proxy or browser keeps an idle connection, or one is closed just as a request leaves on it.
            timeout_keep_alive=75,
            timeout_graceful_shutdown=10,
        )


def require_free(host: str, port: int) -> None:
    """Refuse an address that cannot be listened on, before anything is loaded.

    Raises
    ------
    UserError: ``address_unusable``.
    """
    kind = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(kind) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
        except OSError as error:
            raise UserError("address_unusable", host=host, port=str(port), detail=error.strerror or "") from None
