"""What an installation sets: ``PEGEL_*`` environment variables, typed, each with its meaning.

``docs/reference/settings.md`` is generated from the descriptions here.
"""

from __future__ import annotations

import os
import secrets
from functools import cache
from pathlib import Path
from typing import Literal
from zoneinfo import available_timezones

from pydantic import Field, HttpUrl, PostgresDsn, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from pegel.errors import UserError


class Environment(BaseSettings):
    """The settings of one installation."""

    model_config = SettingsConfigDict(env_prefix="PEGEL_", extra="ignore", frozen=True)

    data_dir: Path = Field(
        Path("pegel-data"),
        description="Folder of everything that is kept on disk: the lake, the SQLite database, uploads and the keys. "
        "Every web and worker process needs the same one.",
    )
    database_url: PostgresDsn | None = Field(
        None,
        description="PostgreSQL database, `postgresql://user:password@host/name`. Not set: SQLite in `PEGEL_DATA_DIR`.",
    )
    secret_key: SecretStr | None = Field(
        None,
        min_length=50,
        description="Secret of at least 50 characters from which sessions are signed and the audit is sealed. Not set: "
        "made once and kept in `PEGEL_DATA_DIR/secret.key`.",
    )
    public_url: HttpUrl = Field(
        HttpUrl("http://127.0.0.1:8000"),
        description="Address under which people reach Pegel. With `https` cookies are sent over TLS only and browsers "
        "are told to stay with it.",
    )
    trusted_proxies: int = Field(
        0, ge=0, le=5, description="Number of reverse proxies in front that set `X-Forwarded-For` and `-Proto`."
    )
    debug: bool = Field(False, description="Detailed error pages, for development only.")
    language: Literal["de", "en"] = Field("de", description="Language of people who have not chosen one.")
    time_zone: str = Field("Europe/Berlin", description="Time zone of dates on pages.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level that is logged.")
    log_format: Literal["json", "console"] = Field("json", description="Form of the log lines.")
    metrics_token: SecretStr | None = Field(
        None,
        min_length=16,
        description="Token with which Prometheus reads `/metrics` (`Authorization: Bearer …`). Not set: only from the "
        "machine itself.",
    )

    password_sign_in: bool = Field(
        True, description="People may sign in with a password; otherwise single sign-on only."
    )
    two_factor: Literal["optional", "privileged", "required"] = Field(
        "privileged",
        description="Who needs a second factor: nobody has to (`optional`), people who assign roles, change privacy "
        "settings or erase people (`privileged`), everybody (`required`).",
    )
    oidc_issuer: HttpUrl | None = Field(
        None, description="OpenID Connect provider for single sign-on; its discovery document is read from there."
    )
    oidc_name: str = Field("Single sign-on", description="Name of the provider on the sign-in page.")
    oidc_client_id: str = Field("", description="Client id that the provider gave Pegel.")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="Client secret that the provider gave Pegel.")
    oidc_new_people: bool = Field(
        False,
        description="Somebody who signs in through the provider and is no person here yet becomes one, without any "
        "role.",
    )

    @field_validator("time_zone")
    @classmethod
    def _known_time_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("there is no such time zone; an example is Europe/Berlin")
        return name

    oauth_client_hosts: str = Field(
        "",
        description="Hosts of AI agents that run elsewhere, separated by commas: they may be let in through OAuth, and "
        "what they say of themselves (client id metadata documents) is read from there. Programs on a person's own "
        "computer need no entry.",
    )

    @property
    def oauth_hosts(self) -> frozenset[str]:
        """Return the hosts of agents that run elsewhere."""
        return frozenset(host.strip().lower() for host in self.oauth_client_hosts.split(",") if host.strip())

    @property
    def https(self) -> bool:
        """Tell whether people reach this installation over TLS."""
        return self.public_url.scheme == "https"

    @property
    def origin(self) -> str:
        """Return scheme, host and port, without a path."""
        return str(self.public_url).rstrip("/")


@cache
def environment() -> Environment:
    """Read the settings once.

    Raises
    ------
    UserError: ``setting_invalid`` with the name of the variable and what is wrong with it.
    """
    try:
        return Environment()
    except ValidationError as error:
        first = error.errors()[0]
        name = "PEGEL_" + "_".join(str(part) for part in first["loc"]).upper()
        raise UserError("setting_invalid", name=name, detail=first["msg"]) from None


def kept_secret(folder: Path, name: str) -> str:
    """Return a random secret that is made once and kept in a file only its owner reads.

    Two processes that start at once agree: the file is written aside and put in place only if there is none.
    """
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        aside = folder / f".{name}.{os.getpid()}"
        with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(aside, path)
        except FileExistsError:
            pass
        finally:
            aside.unlink()
    return path.read_text(encoding="utf-8").strip()
