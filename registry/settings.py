"""What an installation may set, and nothing else: each is a field here, an environment variable and a row in docs.

| variable         | meaning                                                              |
| REGISTRY_BASE    | the address all IRIs begin with, with its closing slash              |
| REGISTRY_DATA    | the folder of the ledger and the triple store                        |
| REGISTRY_LEDGER  | the ledger's database as an SQLAlchemy URL (default SQLite in DATA)  |
| REGISTRY_HOUSE   | another folder of data rooms                                         |
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from registry import house
from registry.errors import BadParameter


@dataclass(frozen=True)
class Settings:
    """The settings of one installation; `base` ends with a slash and is pinned by the ledger's first row."""

    base: str = "http://localhost:8000/"
    data: Path = Path("var")
    ledger: str = ""
    house: Path | None = None

    @property
    def ledger_url(self) -> str:
        """The ledger's database as an SQLAlchemy URL."""
        return self.ledger or f"sqlite:///{self.data / 'ledger.sqlite'}"

    @property
    def store(self) -> Path:
        """The folder of the triple store."""
        return self.data / "store"

    @property
    def rooms(self) -> Path:
        """The folder of the data rooms."""
        return house.find(self.house)


def read(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process.

    Raises BadParameter when the base is not an absolute http(s) address.
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
    )
