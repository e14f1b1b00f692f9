"""How a server is set up: one frozen value, filled from flags, environment and file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field, fields
from pathlib import Path
from typing import Any, Literal

from schemareg.errors import UsageError
from schemareg.lazy_dataclass import dataclass
from schemareg.limits import LIMITS
from schemareg.registry.server.addresses import is_loopback
from schemareg.registry.server.cross_site import origin_of
from schemareg.settings.kinds import FLAG, PATH, TEXT, TEXTS, Kind, number, whole_number
from schemareg.settings.reader import Setting, read_settings
from schemareg.settings.toml_table import Table

ENVIRONMENT_PREFIX = "SCHEMAREG_SERVE_"
MEMORY = ":memory:"
STDERR = "-"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Every setting of `schemareg serve`.

    `db` is a file or `:memory:`. `access_log` is a file, `-` for stderr, None for none.
    Without `auth_file` and `tls_client_ca` everybody may do everything, which `insecure` must
    confirm for any `host` but loopback; with `tls_client_ca` alone every client needs a
    certificate of that authority and may then do everything. Sizes are in bytes, times in
    seconds. `cors_origins` are the sites whose pages may use the registry, `*` all of them;
    `requests_per_s` None is unlimited, otherwise it holds per principal, or per address
    for the anonymous. With `cache_max_age_s` answers about ids may be kept so
    long by caches. Of `max_connections` one address (IPv6: one /64) may have
    `max_connections_per_address`.

    With `store` (`kafka://HOST:PORT/TOPIC`) the topic is the truth and `db` its materialized state;
    `advertise` is the URL by which the other nodes reach this one, `read_only` makes it follow
    without joining the `kafka_group` of those that may lead.
    """

    host: str = "127.0.0.1"
    port: int = 8081
    db: str = MEMORY
    profile: Literal["8", "7"] = "8"
    keep_rule_sets: bool = False
    access_log: str | None = None
    auth_file: Path | None = None
    insecure: bool = False
    cors_origins: tuple[str, ...] = ()
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    tls_client_ca: Path | None = None
    body_max_bytes: int = 1024 * 1024
    receive_timeout_s: float = 30.0
    requests_per_s: float | None = None
    burst: int = 100
    cache_max_age_s: int | None = None
    shutdown_timeout_s: float = 30.0
    max_connections: int = LIMITS.connections
    max_connections_per_address: int = LIMITS.connections_per_network
    store: str | None = None
    advertise: str | None = None
    read_only: bool = False
    kafka_group: str = "schema-registry"
    kafka_session_timeout_ms: int = 10_000
    kafka_security_protocol: str | None = None
    kafka_sasl_mechanism: str | None = None
    kafka_sasl_username: str | None = None
    kafka_sasl_password: str | None = field(default=None, repr=False)
    kafka_ssl_ca: str | None = None

    def __post_init__(self) -> None:
        check(self)

    @property
    def is_open(self) -> bool:
        """Whether everybody who reaches the server may do everything."""
        return self.auth_file is None and self.tls_client_ca is None


def check(settings: ServerSettings) -> None:
    """Nothing, if a server may run so.

    Raises:
        UsageError: half a TLS pair, or an open door beyond loopback.
    """
    if (settings.tls_certificate is None) != (settings.tls_key is None):
        raise UsageError(
            "TLS needs a certificate and its key, and only one was given",
            advice="give both --tls-certificate and --tls-key",
        )
    if settings.tls_client_ca is not None and settings.tls_certificate is None:
        raise UsageError(
            "client certificates are required without TLS",
            advice="give --tls-certificate and --tls-key too",
        )
    if settings.is_open and not settings.insecure and not is_loopback(settings.host):
        raise UsageError(
            f"host {settings.host}: everybody who reaches it could register and delete schemas",
            advice="give --auth-file, or --insecure if the network itself keeps others out",
        )


def _profile(value: object) -> Literal["8", "7"] | None:
    if isinstance(value, bool):
        return None
    return {"8": "8", "7": "7"}.get(str(value))  # type: ignore[return-value]  # the two literals


def _origins(value: object) -> tuple[str, ...] | None:
    texts = TEXTS.read(value)
    if texts is None:
        return None
    origins = [origin for text in texts if (origin := origin_of(text)) is not None]
    return tuple(origins) if len(origins) == len(texts) else None


def _file_or(word: str, expected: str) -> Kind[Path | str]:
    """A path, or the one word that is none."""
    return Kind(expected, lambda value: word if value == word else PATH.read(value), relative=True)


def _rows() -> Iterator[Setting[Any]]:
    kinds: Mapping[str, Kind[Any]] = {
        "host": TEXT,
        "port": whole_number(0, 65535),
        "db": _file_or(MEMORY, f"a file or {MEMORY}"),
        "profile": Kind("8 or 7", _profile),
        "keep_rule_sets": FLAG,
        "access_log": _file_or(STDERR, f"a file or {STDERR}"),
        "auth_file": PATH,
        "insecure": FLAG,
        "cors_origins": Kind(
            "a list of origins like https://tools.example.com", _origins, str.split
        ),
        "tls_certificate": PATH,
        "tls_key": PATH,
        "tls_client_ca": PATH,
        "body_max_bytes": whole_number(1),
        "receive_timeout_s": number(above=0),
        "requests_per_s": number(above=0),
        "burst": whole_number(1),
        "cache_max_age_s": whole_number(1, 31_536_000),
        "shutdown_timeout_s": number(above=0),
        "store": TEXT,
        "advertise": TEXT,
        "read_only": FLAG,
        "kafka_group": TEXT,
        "kafka_session_timeout_ms": whole_number(1000, 600_000),
        "kafka_security_protocol": TEXT,
        "kafka_sasl_mechanism": TEXT,
        "kafka_sasl_username": TEXT,
        "kafka_sasl_password": TEXT,
        "kafka_ssl_ca": TEXT,
        "max_connections": whole_number(1),
        "max_connections_per_address": whole_number(1),
    }
    for row in fields(ServerSettings):
        environment = f"{ENVIRONMENT_PREFIX}{row.name.upper()}"
        yield Setting(row.name, kinds[row.name], row.default, environment=environment)


def settings_from(
    *,
    flags: Mapping[str, object],
    environment: Mapping[str, str],
    table: Mapping[str, object],
    table_path: Path | None = None,
) -> ServerSettings:
    """The settings that a flag, else the environment, else the configuration file's table give.

    `flags` holds only what was given (None counts as not given); the environment's names are
    `SCHEMAREG_SERVE_` and the field's name in capitals. Paths in `table` are relative to the
    directory of `table_path`.

    Raises:
        UsageError: an unknown name, a value of another kind, or what `check` refuses.
    """
    values = read_settings(
        _rows(),
        flags=flags,
        environment=environment,
        table=_table(table, table_path),
        directory=None if table_path is None else table_path.parent,
    )
    given = {**values.by_name}
    given["db"] = str(given["db"])
    given["access_log"] = None if given["access_log"] is None else str(given["access_log"])
    return ServerSettings(**given)  # type: ignore[arg-type]  # each value was read by its kind


def _table(values: Mapping[str, object], path: Path | None) -> Table:
    if path is None:
        return Table(values, "the serve table", "serve", ("serve",))
    inside = ("tool", "schemareg") if path.name == "pyproject.toml" else ()
    text = path.read_text(encoding="utf-8") if values and path.is_file() else ""
    return Table(values, str(path), "serve", (*inside, "serve"), text)
