"""Settings: known, safe, fitting each other."""

from __future__ import annotations

import os
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final

from pegel_web.commands.doctor_checks.findings import Finding, bad, good, warning
from pegel_web.config.env import Environment

#: Variables that begin alike and are read elsewhere.
_ELSEWHERE: Final = frozenset(
    {"PEGEL_LAKE", "PEGEL_TRACEBACK", "PEGEL_SAMPLE_DATA", "PEGEL_TEST_POSTGRES_URL", "PEGEL_HYPOTHESIS"}
)
_SHORTEST_SECRET: Final = 50


def check_settings(environment: Environment) -> Iterator[Finding]:
    """Look at the environment variables."""
    known = {f"PEGEL_{name.upper()}" for name in type(environment).model_fields} | _ELSEWHERE
    unknown = sorted(name for name in os.environ if name.startswith("PEGEL_") and name not in known)
    yield warning("settings_unknown", names=unknown) if unknown else good("settings")
    local = loopback(environment.public_url.host or "")
    if environment.https:
        yield good("https")
    elif local:
        yield good("http_here")
    else:
        yield bad("http", address=environment.origin)
    if environment.debug:
        yield (warning if local else bad)("debug")


def check_secret(environment: Environment) -> Iterator[Finding]:
    """Look at the installation's secret: long enough, and nobody else's business."""
    if environment.secret_key is not None:
        secret = environment.secret_key.get_secret_value()
        yield good("secret") if len(set(secret)) > 5 else bad("secret_weak")
        return
    path = environment.data_dir.resolve() / "secret.key"
    if not path.exists():
        yield good("secret_later")
        return
    if path.stat().st_mode & 0o077:
        yield bad("secret_open", file=str(path))
    elif len(path.read_text(encoding="utf-8").strip()) < _SHORTEST_SECRET:
        yield bad("secret_weak")
    else:
        yield good("secret")


def loopback(host: str) -> bool:
    """Tell whether a host is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
