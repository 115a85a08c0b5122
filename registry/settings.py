"""What an installation may set, and nothing else: each is a field here, an environment variable and a row in docs.

| variable         | meaning                                                              |
| REGISTRY_BASE    | the address all IRIs begin with, with its closing slash              |
| REGISTRY_DATA    | the folder of the ledger and the triple store                        |
| REGISTRY_LEDGER  | the ledger's database as an SQLAlchemy URL (default SQLite in DATA)  |
| REGISTRY_HOUSE   | another folder of data rooms                                         |
| REGISTRY_SMTP    | the mail server; none: letters stay in the box on this machine       |
| REGISTRY_FROM    | the address that letters come from (default registry@ host of BASE)  |
| REGISTRY_DUMPS   | how many dumps are kept beside the first of each month (default 3)   |
| REGISTRY_SPARQL_WORKERS  | how many public queries run at once; 0: no query service     |
| REGISTRY_SPARQL_QUEUE    | how many more may wait for their turn                        |
| REGISTRY_SPARQL_SECONDS  | how long a query may take                                    |
| REGISTRY_SPARQL_MEMORY   | megabytes that the process of a query may use                |
| REGISTRY_SPARQL_ROWS     | rows or statements of an answer                              |
| REGISTRY_SPARQL_BYTES    | megabytes of an answer                                       |
| REGISTRY_SPARQL_BUDGET   | seconds of query time that a client has in a minute          |
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from registry import house
from registry.errors import BadParameter

LOCAL = ("localhost", "127.0.0.1", "::1")
_SENDER = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")


@dataclass(frozen=True)
class Smtp:
    """A mail server and how it is spoken to: TLS from the start, after STARTTLS, or, on this machine only, none."""

    host: str
    port: int
    security: Literal["tls", "starttls", "none"] = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Limits:
    """How much the public query service gives: queries at once and waiting, seconds, megabytes, rows, query time.

    The clock runs from a query's turn to its last byte; `budget` is the query time that one client gains in a minute.
    """

    workers: int = 2
    queue: int = 32
    seconds: float = 20
    memory: int = 1000
    rows: int = 500_000
    bytes: int = 250
    budget: float = 30


@dataclass(frozen=True)
class Settings:
    """The settings of one installation; `base` ends with a slash and is pinned by the ledger's first row."""

    base: str = "http://localhost:8000/"
    data: Path = Path("var")
    ledger: str = ""
    house: Path | None = None
    smtp: Smtp | None = None
    sender: str = ""
    kept_dumps: int = 3
    limits: Limits = Limits()

    @property
    def host(self) -> str:
        """The host of the base, without its port: the right part of every Message-ID."""
        return urlsplit(self.base).hostname or "localhost"

    @property
    def letters_from(self) -> str:
        """The address that letters come from."""
        return self.sender or f"registry@{self.host}"

    @property
    def ledger_url(self) -> str:
        """The ledger's database as an SQLAlchemy URL."""
        return self.ledger or f"sqlite:///{self.data / 'ledger.sqlite'}"

    @property
    def store(self) -> Path:
        """The folder of the triple store."""
        return self.data / "store"

    @property
    def dumps(self) -> Path:
        """The folder of the dumps."""
        return self.data / "dumps"

    @property
    def rooms(self) -> Path:
        """The folder of the data rooms."""
        return house.find(self.house)


def read(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process.

    Raises BadParameter when the base is not an absolute http(s) address, for a mail server that cannot be used or
    would be spoken to in clear over a network, for a sender that is not one address, and a number that is none.
    """
    env = os.environ if environ is None else environ
    base = env.get("REGISTRY_BASE", Settings.base)
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise BadParameter(
            "{value} is not an address that IRIs can begin with.",
            remedy="Give an address such as https://registry.example.org/.",
            where="REGISTRY_BASE",
            value=base,
        )
    return Settings(
        base=base if base.endswith("/") else base + "/",
        data=Path(env.get("REGISTRY_DATA", "var")),
        ledger=env.get("REGISTRY_LEDGER", ""),
        house=Path(env["REGISTRY_HOUSE"]) if env.get("REGISTRY_HOUSE") else None,
        smtp=_smtp(env["REGISTRY_SMTP"]) if env.get("REGISTRY_SMTP") else None,
        sender=_sender(env["REGISTRY_FROM"]) if env.get("REGISTRY_FROM") else "",
        kept_dumps=_count(env["REGISTRY_DUMPS"], "REGISTRY_DUMPS") if env.get("REGISTRY_DUMPS") else 3,
        limits=_limits(env),
    )


def _limits(env: Mapping[str, str]) -> Limits:
    """The limits of the query service; only workers and places in the queue may be none."""
    found = {}
    for one in fields(Limits):
        where = "_".join(("REGISTRY", "SPARQL", one.name.upper()))
        if stated := env.get(where):
            none = stated == "0" and one.name in ("workers", "queue")
            found[one.name] = 0 if none else _count(stated, where)
    return Limits(**found)


def _smtp(value: str) -> Smtp:
    """A mail server as an address: smtp:// speaks STARTTLS, smtps:// TLS from the start."""
    try:
        parts = urlsplit(value)
        host, port, options = parts.hostname, parts.port, dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    except ValueError:
        raise _no_server() from None
    clear = options.pop("starttls", "yes")
    if parts.scheme not in ("smtp", "smtps") or not host or options or clear not in ("yes", "no"):
        raise _no_server()
    if parts.path.strip("/") or parts.fragment or bool(parts.username) != bool(parts.password):
        raise _no_server()
    if clear == "no" and (host not in LOCAL or parts.scheme == "smtps"):
        raise BadParameter(
            "Letters may be handed over without TLS on this machine only.",
            remedy="Leave out ?starttls=no, or name localhost.",
            where="REGISTRY_SMTP",
        )
    tls = parts.scheme == "smtps"
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    security: Literal["tls", "starttls", "none"] = "tls" if tls else "none" if clear == "no" else "starttls"
    return Smtp(host, port or (465 if tls else 587), security, user, password)


def _no_server() -> BadParameter:
    """The value is not repeated: it may hold a password."""
    return BadParameter(
        "This is not the address of a mail server.",
        remedy="Give one such as smtp://user:password@mail.example.org:587 or smtps://mail.example.org.",
        where="REGISTRY_SMTP",
    )


def _sender(value: str) -> str:
    if not _SENDER.fullmatch(value):
        raise BadParameter(
            "{value} is not an address that letters can come from.",
            remedy="Give one such as registry@example.org.",
            where="REGISTRY_FROM",
            value=value,
        )
    return value


def _count(value: str, where: str) -> int:
    if not re.fullmatch("[1-9][0-9]{0,5}", value):
        raise BadParameter("{value} is no number.", remedy="Give one such as 3.", where=where, value=value)
    return int(value)
