"""How a server is set up: one frozen value, filled from flags, environment and file."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields
from pathlib import Path
from typing import Literal

from schemareg.errors import UsageError
from schemareg.suggestions import did_you_mean

ENVIRONMENT_PREFIX = "SCHEMAREG_SERVE_"
MEMORY = ":memory:"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Everything `schemareg serve` can be told.

    `db` is a file or `:memory:`. `access_log` is a file, `-` for stderr, None for none.
    Without `auth_file` and `tls_client_ca` everybody may do everything, which `insecure` must
    confirm for any `host` but loopback; with `tls_client_ca` alone every client needs a
    certificate of that authority and may then do everything. Sizes are in bytes, times in
    seconds; `requests_per_s` None is unlimited, otherwise it holds per principal, or per address
    for the anonymous.
    """

    host: str = "127.0.0.1"
    port: int = 8081
    db: str = MEMORY
    profile: Literal["8", "7"] = "8"
    keep_rule_sets: bool = False
    access_log: str | None = None
    auth_file: Path | None = None
    insecure: bool = False
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    tls_client_ca: Path | None = None
    body_max_bytes: int = 1024 * 1024
    receive_timeout_s: float = 30.0
    requests_per_s: float | None = None
    burst: int = 100
    shutdown_timeout_s: float = 30.0

    def __post_init__(self) -> None:
        check(self)


def check(settings: ServerSettings) -> None:
    """Nothing, if a server may run so.

    Raises:
        UsageError: a value out of range, half a TLS pair, or an open door beyond loopback.
    """
    if not 0 <= settings.port <= 65535:
        raise UsageError(f"port {settings.port} is not between 0 and 65535")
    for name in ("body_max_bytes", "receive_timeout_s", "burst", "shutdown_timeout_s"):
        if getattr(settings, name) <= 0:
            raise UsageError(f"{name} is {getattr(settings, name)}; it must be above 0")
    if settings.requests_per_s is not None and settings.requests_per_s <= 0:
        raise UsageError(f"requests_per_s is {settings.requests_per_s}; it must be above 0")
    if settings.profile not in ("8", "7"):
        raise UsageError(f"profile {settings.profile!r} is unknown", advice="give 8 or 7")
    if (settings.tls_certificate is None) != (settings.tls_key is None):
        raise UsageError(
            "TLS needs a certificate and its key, and only one was given",
            advice="give both --tls-certificate and --tls-key",
        )
    if settings.tls_client_ca is not None and settings.tls_certificate is None:
        raise UsageError(
            "client certificates are asked for without TLS",
            advice="give --tls-certificate and --tls-key too",
        )
    open_to_all = settings.auth_file is None and settings.tls_client_ca is None
    if open_to_all and not settings.insecure and not is_loopback(settings.host):
        raise UsageError(
            f"host {settings.host}: everybody who reaches it could register and delete schemas",
            advice="give --auth-file, or --insecure if the network itself keeps others out",
        )


def is_loopback(host: str) -> bool:
    """Only processes on this machine reach a socket bound to `host`."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


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
        UsageError: an unknown name, a value of the wrong type, or what `check` refuses.
    """
    known: dict[str, Field[object]] = {field.name: field for field in fields(ServerSettings)}
    values: dict[str, object] = {}
    for name, value in table.items():
        if name not in known:
            raise UsageError(
                f"{table_path or 'the serve table'}: unknown setting {name!r}",
                advice=did_you_mean(name, known),
            )
        typed = _typed(known[name], value, origin=f"{table_path or 'serve'}: {name}")
        if table_path is not None:
            typed = _beside(known[name], typed, table_path.parent)
        values[name] = typed
    for name, text in environment.items():
        field_name = name.removeprefix(ENVIRONMENT_PREFIX).lower()
        if name.startswith(ENVIRONMENT_PREFIX) and field_name in known:
            values[field_name] = _typed(known[field_name], _parsed(text), origin=name)
    for name, value in flags.items():
        if value is not None:
            values[name] = _typed(known[name], value, origin=f"--{name.replace('_', '-')}")
    return ServerSettings(**values)  # type: ignore[arg-type]  # each value was checked by _typed


def _parsed(text: str) -> object:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    return text


def _typed(field: Field[object], value: object, *, origin: str) -> object:
    """`value` as the field's type; numbers are also read from text, as the environment has them."""
    declared = str(field.type)
    assert field.default is not MISSING
    try:
        if declared == "bool":
            if isinstance(value, bool):
                return value
            raise ValueError("true or false")
        if declared == "int":
            return _number(value, int)
        if declared.startswith("float"):
            return _number(value, float)
    except ValueError as error:
        raise UsageError(f"{origin}: {value!r} is not {error}") from error
    if not isinstance(value, str | Path) and not (field.name == "profile" and value in (7, 8)):
        raise UsageError(f"{origin}: {value!r} is not a text")
    if declared.startswith("Path"):
        return Path(str(value))
    return str(value)


def _number(value: object, kind: type[int] | type[float]) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("a number")
    try:
        return kind(value)
    except ValueError:
        raise ValueError("a number") from None


def _beside(field: Field[object], value: object, directory: Path) -> object:
    """A relative path of the file's as a path from here."""
    if isinstance(value, Path):
        return directory / value
    if field.name in ("db", "access_log") and value not in (MEMORY, "-"):
        return str(directory / str(value))
    return value
