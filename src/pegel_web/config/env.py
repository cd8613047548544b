"""What an installation sets: ``PEGEL_*`` environment variables, typed, each with its meaning.

``docs/reference/settings.md`` is generated from the descriptions here.
"""

from __future__ import annotations

import os
import secrets
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Literal
from zoneinfo import available_timezones

from pydantic import Field, HttpUrl, PostgresDsn, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from pegel.errors import UserError
from pegel_web.notifications.mail.settings import PORTS, MailServer, Security, checked_address
from pegel_web.notifications.outbound.addresses import OutboundRules


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
    most_upload_mb: int = Field(
        2048,
        ge=1,
        le=2048,
        description="Largest file that signed-in people may bring, in MB; it lies on the disk while it is read. "
        "Anything else that is sent to Pegel, and everything from people who have not signed in, may have 2.5 MB.",
    )
    pickup_dir: Path | None = Field(
        None,
        description="Folder (an absolute path) below which people may declare sub-folders whose files are imported by "
        "themselves; every worker process needs the same one and may read and move files in it. Not set: nobody may.",
    )

    @field_validator("pickup_dir", mode="before")
    @classmethod
    def _no_folder(cls, given: object) -> object:
        return given or None

    @field_validator("pickup_dir")
    @classmethod
    def _apart_from_data(cls, folder: Path | None, info: ValidationInfo) -> Path | None:
        if folder is None:
            return None
        if not folder.is_absolute():
            raise ValueError("it must be an absolute path")
        own, other = info.data.get("data_dir", Path()).resolve(), folder.resolve()
        if own.is_relative_to(other) or other.is_relative_to(own):
            raise ValueError("it must lie neither inside PEGEL_DATA_DIR nor around it")
        return folder

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

    @field_validator("data_dir", mode="before")
    @classmethod
    def _named_folder(cls, folder: object) -> object:
        # An empty path would be the folder the process happens to be started in.
        if not str(folder).strip():
            raise ValueError("this is empty; leave it out for pegel-data, or name a folder")
        return folder

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

    webhook_networks: str = Field(
        "",
        description="Networks inside the house to which webhooks may go, separated by commas, such as `10.20.0.0/16`. "
        "Everything else that is not on the public internet is refused.",
    )
    webhook_ports: str = Field("443", description="Ports to which webhooks may go, separated by commas.")
    webhook_http: bool = Field(False, description="Webhooks may go to `http` addresses, where anybody can read along.")

    @field_validator("webhook_networks")
    @classmethod
    def _networks(cls, text: str) -> str:
        for one in _parts(text):
            ip_network(one)
        return text

    @field_validator("webhook_ports")
    @classmethod
    def _ports(cls, text: str) -> str:
        if not all(one.isdecimal() and 0 < int(one) < 65_536 for one in _parts(text)):
            raise ValueError("ports are numbers from 1 to 65535, separated by commas")
        return text

    mail_sender: str = Field(
        "", description="Address from which digests come, such as `pegel@example.org`. Needed with `PEGEL_MAIL_HOST`."
    )
    mail_host: str = Field(
        "",
        description="Mail server (SMTP) that takes the digests of alerts. Not set: no e-mail is sent, and everything "
        "else works.",
    )
    mail_security: Security = Field(
        "starttls",
        description="How the mail server is reached: `starttls`, without which nothing is sent; `tls` from the first "
        "byte; `none`, where anybody on the way can read along. Certificates are checked.",
    )
    mail_port: int | None = Field(
        None, ge=1, le=65_535, description="Port of the mail server. Not set: 587 with `starttls`, 465 with `tls`, 25."
    )
    mail_user: str = Field("", description="Name with which Pegel signs in to the mail server. Not set: without.")
    mail_password: SecretStr = Field(SecretStr(""), description="Password that belongs to `PEGEL_MAIL_USER`.")
    mail_timeout: int = Field(10, ge=1, le=60, description="Seconds that the mail server gets for each answer.")
    mail_digest_hour: int = Field(
        7, ge=0, le=23, description="Hour of the day, in `PEGEL_TIME_ZONE`, from which on digests are sent."
    )

    @field_validator("mail_sender")
    @classmethod
    def _sender(cls, text: str) -> str:
        return checked_address(text) if text.strip() else ""

    @field_validator("mail_host")
    @classmethod
    def _host_with_sender(cls, text: str, info: ValidationInfo) -> str:
        host = text.strip()
        if not host.isprintable() or " " in host or "/" in host:
            raise ValueError("this is no name of a server; an example is smtp.example.org")
        # The sender is read first; where it is wrong, that is what is told.
        if host and info.data.get("mail_sender") == "":
            raise ValueError("PEGEL_MAIL_SENDER is needed with it: the address from which digests come")
        return host

    @property
    def mail(self) -> MailServer | None:
        """Return the mail server; None: nobody has named one."""
        if not self.mail_host:
            return None
        return MailServer(
            host=self.mail_host,
            port=self.mail_port or PORTS[self.mail_security],
            security=self.mail_security,
            user=self.mail_user,
            password=self.mail_password.get_secret_value(),
            sender=self.mail_sender,
            seconds=self.mail_timeout,
        )

    @property
    def outbound(self) -> OutboundRules:
        """Return where requests to addresses that people entered may go."""
        return OutboundRules(
            networks=tuple(ip_network(one) for one in _parts(self.webhook_networks)),
            ports=frozenset(int(one) for one in _parts(self.webhook_ports)),
            http=self.webhook_http,
        )

    @property
    def oauth_hosts(self) -> frozenset[str]:
        """Return the hosts of agents that run elsewhere."""
        return frozenset(host.lower() for host in _parts(self.oauth_client_hosts))

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


def _parts(text: str) -> list[str]:
    """Return what is listed with commas."""
    return [one.strip() for one in text.split(",") if one.strip()]


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
