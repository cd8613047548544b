"""The fixtures on Pegel's own dispatch, door and transport, without tokens, on a loopback port.

Run as ``python -m tests.pegel_web.interfaces.conformance.profile PORT``.
"""

import os
import sys


def main(port: int) -> None:
    """Serve until stopped."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.pegel_web.settings"
    from django.core.asgi import get_asgi_application  # noqa: PLC0415  (needs the settings)

    pages = get_asgi_application()
    import uvicorn  # noqa: PLC0415  (needs the settings)

    from pegel_web.config.mcp_http import at_the_door, beside, http_transport  # noqa: PLC0415  (needs the settings)
    from tests.pegel_web.interfaces.conformance.fixtures import fixture_server  # noqa: PLC0415  (needs the settings)

    application = beside(pages, at_the_door(http_transport(fixture_server(), tokens=None)))
    uvicorn.run(application, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main(int(sys.argv[1]))
