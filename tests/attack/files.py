"""Mutated files of a repository: schemas, configuration, services, snapshot, golden events."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from schemareg.avro import parse
from schemareg.errors import SchemaregError
from schemareg.fix.layout import layout_settings
from schemareg.golden import check_fixtures
from schemareg.lint.configuration import lint_settings
from schemareg.registry.api.state import Origin, RegistryState
from schemareg.registry.server.auth.rules import load_rules
from schemareg.registry.server.settings import settings_from
from schemareg.report.escape import line
from schemareg.services.manifest_file import parse_manifests
from schemareg.state import read_snapshot
from schemareg.workspace import Config, load_project
from schemareg.workspace.config_file import parse_config
from schemareg.workspace.schema_files import resolve_files
from tests.attack.frame import Attack, Shot, Shots, ViolatedError, steady
from tests.attack.mutating import ODD_IDL, ODD_JSON, ODD_TOML, altered_json, altered_toml, damaged

ROOT = Path(__file__).parents[2]
_FIXED = '{"type": "fixed", "name": "%s", "size": 1}'

CONFIGURATION = """
roots = ["schemas"]
snapshot = "schemas/registered"
level = "BACKWARD_TRANSITIVE"
strategy = "topic"
avro_version = "1.12"
registry = "http://127.0.0.1:1"
broker = "127.0.0.1:1"
managed = ["orders-*"]
[topics.orders]
strategy = "topic-record"
events = ["F"]
key = "string"
level = "FULL_TRANSITIVE"
[subjects."a.b.*"]
level = "FULL"
normalize = true
[lint]
preset = "recommended"
[lint.rules]
namespace-pattern = { pattern = "[a-z.]+" }
[[lint.ignore]]
rule = "money-as-double"
element = "F"
reason = "It is old."
[fmt]
indent = 2
[serve]
port = 0
[kafka]
"security.protocol" = "SASL_SSL"
[environments.e]
url = "http://127.0.0.1:1"
[consumers.c]
reads = { "orders-F" = "schemas/F.avsc" }
"""
_HASH = "$2b$04$abcdefghijklmnopqrstuuZq7Jp0pW1L4pyb3nSJp6R6E7p6bTqVK"
AUTH = f'''
[roles.team]
grants = [{{ subjects = ["orders-*", ":.eu:*"], rights = ["read", "write"] }}]
[users.ci]
password = "{_HASH}"
roles = ["team"]
[users.ops]
certificate = "CN=ops,O=Company"
roles = ["admin"]
[anonymous]
roles = ["reader"]
[jwt]
jwks = "keys.json"
issuer = "https://id.example"
audience = "registry"
'''


def schema_shots(rng: Random) -> Iterator[Shot]:
    """One text, or a second one beside it that may need it, as the project's files."""
    texts = _texts_of(ROOT / "schemas/events", "*.avsc") + _texts_of(
        ROOT / "schemas/shared", "*.avsc"
    )
    while True:
        raw, other = (hurt_json(rng, rng.choice(texts)) for _ in range(2))
        pair = rng.random() < 0.3

        def shot(raw: bytes = raw, other: bytes = other, pair: bool = pair) -> str:
            files = [("a.avsc", raw), *([("b.avsc", other)] if pair else [])]
            failures = resolve_files(files, avro_version="1.12").failures
            for failure in failures:
                for problem in failure.problems:
                    own = raw if path_of(failure) == "a.avsc" else other
                    _check_place(own, problem.line)
            if failures:
                raise failures[0]
            parse(raw.decode())
            return ""

        yield shot


def idl_shots(rng: Random) -> Iterator[Shot]:
    """A damaged file of Avro IDL, or a damaged protocol, beside a schema that it may need."""
    golden = ROOT / "tests/golden/idl"
    texts = _texts_of(golden, "*.avdl"), _texts_of(golden, "*.avpr")
    other = (golden / "Address.avsc").read_bytes()
    while True:
        if rng.random() < 0.6:
            name, raw = "a.avdl", damaged(rng, rng.choice(texts[0]), ODD_IDL)
        else:
            name, raw = "a.avpr", hurt_json(rng, rng.choice(texts[1]))

        def shot(name: str = name, raw: bytes = raw) -> str:
            files = [(name, raw), ("Address.avsc", other)]
            failures = resolve_files(files, avro_version="1.12").failures
            for failure in failures:
                for problem in failure.problems:
                    _check_place(raw if path_of(failure) == name else other, problem.line)
            if failures:
                raise failures[0]
            return ""

        yield shot


def path_of(failure: SchemaregError) -> str | None:
    return failure.location.path if failure.location else None


def _check_place(raw: bytes, at: int) -> None:
    lines = raw.decode("utf-8", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    if not 0 <= at <= lines.count("\n") + 1:
        raise ViolatedError(f"line {at} is outside of the text")


def hurt_json(rng: Random, raw: bytes) -> bytes:
    """JSON with odd values, or damaged as a text."""
    return altered_json(rng, raw) if rng.random() < 0.6 else damaged(rng, raw, ODD_JSON)


def hurt_toml(rng: Random, raw: bytes, odd: tuple[bytes, ...] = ODD_TOML) -> bytes:
    """TOML with odd values, or cut and damaged as a text."""
    if rng.random() < 0.7:
        return altered_toml(rng, raw)
    length = rng.randrange(len(raw)) if rng.random() < 0.3 else None
    return damaged(rng, raw[:length], odd)


def _texts_of(folder: Path, pattern: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.rglob(pattern))]


@contextmanager
def a_folder(fill: Callable[[Path], Callable[[Random, Path], Iterator[Shot]]]) -> Iterator[Shots]:
    """Shots at files below a new folder, which is the top of a repository."""
    with TemporaryDirectory(prefix="attack-") as name:
        top = Path(name).resolve()
        (top / ".git").mkdir()
        shots = fill(top)
        yield lambda rng: shots(rng, top)


def _configuration(top: Path) -> Callable[[Random, Path], Iterator[Shot]]:
    (top / "schemas").mkdir()
    (top / "schemas/F.avsc").write_text(_FIXED % "F", encoding="utf-8")
    return lambda rng, top: _config_shots(rng, top, CONFIGURATION.encode())


def _config_shots(rng: Random, top: Path, good: bytes) -> Iterator[Shot]:
    while True:
        raw = hurt_toml(rng, good)

        def shot(raw: bytes = raw) -> str:
            config = parse_config(raw, top / "schemareg.toml", top)
            lint_settings(config)
            layout_settings(config.fmt)
            settings_from(flags={}, environment={}, table=config.serve, table_path=config.source)
            return str(load_project(config).passed_over)

        yield shot


def _services(top: Path) -> Callable[[Random, Path], Iterator[Shot]]:
    good = (ROOT / "schemas/services.toml").read_bytes()
    return lambda rng, top: _services_shots(rng, top, good)


def _services_shots(rng: Random, top: Path, good: bytes) -> Iterator[Shot]:
    config = Config(cwd=top)
    while True:
        raw = hurt_toml(rng, good)

        def shot(raw: bytes = raw) -> str:
            read = parse_manifests([(top / "services.toml", raw)], config)
            lines = raw.count(b"\n") + raw.count(b"\r") + 1
            for problem in read.problems:
                at = problem.location.line
                if not 0 <= at <= lines:
                    raise ViolatedError(f"line {at} is outside of the text")
            return ""

        yield shot


def _snapshot(top: Path) -> Callable[[Random, Path], Iterator[Shot]]:
    for name in ("com.company.keys.ReservationKey", "com.company.shared.Money"):
        for found in (ROOT / "schemas/registered").glob(f"*{name}"):
            shutil.copytree(found, top / "registered" / found.name)
    config = Config(cwd=top, snapshot=top / "registered")

    def target() -> str:
        read_snapshot(config.snapshot, config)
        return ""

    return _one_of(top / "registered", target, hurt_json)


def _golden(top: Path) -> Callable[[Random, Path], Iterator[Shot]]:
    shutil.copytree(
        ROOT / "schemas/fixtures/com.company.keys.ReservationKey",
        top / "f/com.company.keys.ReservationKey",
    )
    shutil.copytree(ROOT / "schemas/keys", top / "schemas")
    config = Config(cwd=top, roots=(top / "schemas",), snapshot=top / "registered")
    project = load_project(config)
    state = RegistryState({}, Origin("nothing", "nothing"))

    def target() -> str:
        result = check_fixtures(project, state, top / "f", shown="f")
        return line("; ".join(finding.message for finding in result.findings))

    return _one_of(top / "f", target, hurt_json)


def _auth(top: Path) -> Callable[[Random, Path], Iterator[Shot]]:
    path = top / "a/auth.toml"
    path.parent.mkdir()
    path.write_text(AUTH, encoding="utf-8")
    path.chmod(0o600)
    odd = (
        *ODD_TOML,
        b'"$argon2id$nonsense"',
        b'"$2b$12$short"',
        b'[users.""]\n',
        b'[users."a:b"]\n',
    )

    def target() -> str:
        load_rules(path)
        return ""

    return _one_of(path.parent, target, lambda rng, raw: hurt_toml(rng, raw, odd))


def _one_of(
    folder: Path, target: Callable[[], str], hurt: Callable[[Random, bytes], bytes]
) -> Callable[[Random, Path], Iterator[Shot]]:
    """`target` reads the files below `folder`, one of which is damaged each time."""
    good = {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}

    def shots(rng: Random, _top: Path) -> Iterator[Shot]:
        while True:
            path = rng.choice(list(good))
            raw = hurt(rng, good[path])

            def shot(path: Path = path, raw: bytes = raw) -> str:
                path.write_bytes(raw)
                try:
                    return target()
                finally:
                    path.write_bytes(good[path])

            yield shot

    return shots


ATTACKS = (
    Attack("schema texts", steady(schema_shots), weight=50, rise_mib=400),
    Attack("IDL texts", steady(idl_shots), weight=20, rise_mib=400),
    Attack("configuration", lambda: a_folder(_configuration), weight=10, most=100_000),
    Attack("services", lambda: a_folder(_services), weight=10, most=100_000),
    Attack("snapshot", lambda: a_folder(_snapshot), weight=10, most=100_000),
    Attack("golden events", lambda: a_folder(_golden), weight=5, most=100_000),
    Attack("auth file", lambda: a_folder(_auth), weight=10, most=100_000),
)
