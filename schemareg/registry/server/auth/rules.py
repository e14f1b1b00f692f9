"""The file of `--auth-file`: users, tokens, certificates and what their roles may do."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from functools import partial
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

from schemareg.errors import FileUsageError, UsageError
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.registry.server.addresses import is_loopback
from schemareg.registry.server.auth.passwords import hash_problem
from schemareg.registry.server.auth.rights import EVERY_SUBJECT, Grant, Right, Rights, joined
from schemareg.settings.kinds import TEXT, TEXTS, Kind, whole_number
from schemareg.settings.toml_table import Table
from schemareg.settings.toml_text import read_toml
from schemareg.suggestions import did_you_mean
from schemareg.workspace.files import FileError, read_bytes

T = TypeVar("T")
BUILT_IN_ROLES: Final[Mapping[str, Rights]] = {
    "admin": Rights((Grant((EVERY_SUBJECT,), frozenset(Right)),)),
    "reader": Rights((Grant((EVERY_SUBJECT,), frozenset({Right.READ})),)),
}
ASYMMETRIC = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
)
"""Signatures that a public key checks. HMAC is not among them: whoever can check could forge."""

DEFAULT_ALGORITHMS = ("RS256", "ES256", "EdDSA")


@dataclass(frozen=True, slots=True)
class User:
    """A principal with a password hash, a client certificate's name (RFC 4514), or both."""

    name: str
    rights: Rights
    password_hash: str | None = field(default=None, repr=False)
    certificate: str | None = None


@dataclass(frozen=True, slots=True)
class TokenRules:
    """Which bearer tokens count: `jwks` is an https URL or a file."""

    jwks: str
    issuer: str
    audience: str
    algorithms: tuple[str, ...]
    principal_claim: str
    roles_claim: str
    roles: tuple[str, ...]
    leeway_s: int


@dataclass(frozen=True, slots=True)
class AuthRules:
    """Everything the file says. `anonymous` None: who shows nothing is refused."""

    users: Mapping[str, User]
    roles: Mapping[str, Rights]
    tokens: TokenRules | None = None
    anonymous: Rights | None = None

    def rights_of(self, roles: tuple[str, ...]) -> Rights:
        """The rights of `roles` together; roles that the file does not know give none."""
        return joined(self.roles[role] for role in roles if role in self.roles)

    def user_with_certificate(self, name: str) -> User | None:
        for user in self.users.values():
            if user.certificate == name:
                return user
        return None


def load_rules(path: Path) -> AuthRules:
    """The rules in the TOML file at `path`.

    Raises:
        UsageError: the file is missing, is not TOML, or may be written by others.
        FileUsageError: it holds something that is not understood; every such place, with its line.
    """
    try:
        raw = read_bytes(path, str(path))
        mode = path.stat().st_mode
    except (FileError, OSError) as error:
        reason = error.reason if isinstance(error, FileError) else error.strerror
        raise UsageError(
            f"{path}: the auth file cannot be read: {reason}",
            advice="give a TOML file with --auth-file (docs/registry-server.md has an example)",
        ) from error
    text, values = read_toml(raw, str(path), what="the auth file")
    if mode & 0o022 and os.name == "posix":
        raise UsageError(
            f"{path}: others may write the auth file (mode {mode & 0o777:04o})",
            advice=f"run: chmod go-w {path}",
        )
    return _Reader(path).rules(Table(values, str(path), text_of_file=text))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the tables of one file and goes on behind what is refused, so that all is reported."""

    path: Path
    errors: list[UsageError] = field(default_factory=list)

    def _collected(self, read: Callable[[], T], otherwise: T) -> T:
        """What `read` returns, or `otherwise` where it is refused: the refusal is noted."""
        try:
            return read()
        except UsageError as error:
            self.errors.append(error)
            return otherwise

    def rules(self, top: Table) -> AuthRules:
        roles = dict(BUILT_IN_ROLES)
        for name, table in self._named(top, "roles"):
            roles[name] = self._collected(partial(_role, table), Rights())
        users: dict[str, User] = {}
        for name, table in self._named(top, "users"):
            nobody = User(name, Rights())
            users[name] = self._collected(partial(_user, name, table, roles), nobody)
            self._collected(partial(_check_certificate, users, name, table), None)
        tokens = None
        top.read.update(("jwt", "anonymous"))
        if "jwt" in top.values:
            tokens = self._collected(lambda: _tokens(top.table("jwt"), roles, self.path), None)
        anonymous = None
        if "anonymous" in top.values:
            anonymous = self._collected(lambda: _anonymous(top.table("anonymous"), roles), None)
        self._collected(top.finish, None)
        if self.errors:
            raise FileUsageError(self.errors)
        if not users and tokens is None and anonymous is None:
            raise UsageError(
                "names no user, no [jwt] and no [anonymous]: nobody could enter",
                location=Location(str(self.path)),
            )
        return AuthRules(users=users, roles=roles, tokens=tokens, anonymous=anonymous)

    def _named(self, top: Table, key: str) -> Iterator[tuple[str, Table]]:
        """The tables inside of the table `key`; what is none is noted."""
        inner = self._collected(lambda: top.table(key), Table({}, top.shown))
        for name in inner.values:
            table = self._collected(partial(inner.table, name), None)
            if table is not None:
                yield name, table


def _anonymous(table: Table, roles: Mapping[str, Rights]) -> Rights:
    named = _roles(table, roles)
    table.finish()
    return joined(roles[role] for role in named)


def _role(table: Table) -> Rights:
    grants = tuple(_grant(grant) for grant in table.tables("grants"))
    table.finish()
    if not grants:
        table.fail("grants", "needs [{ subjects = [...], rights = [...] }]")
    return Rights(grants)


def _grant(table: Table) -> Grant:
    subjects, words = _needed(table, "subjects", TEXTS), _needed(table, "rights", TEXTS)
    table.finish()
    known = [right.value for right in Right]
    for word in words:
        if word not in known:
            table.fail("rights", f"unknown right {word!r}", did_you_mean(word, known))
    return Grant(subjects, frozenset(map(Right, words)))


def _user(name: str, table: Table, roles: Mapping[str, Rights]) -> User:
    password = table.values.get("password")  # never shown, so it is not read as the others are
    table.read.add("password")
    if password is not None and not isinstance(password, str):
        table.fail("password", "is not a text")
    if password is not None and (problem := hash_problem(password)):
        table.fail(
            "password", problem, "write the hash that `schemareg registry hash-password` prints"
        )
    certificate, named = table.text("certificate"), _roles(table, roles)
    table.finish()
    if not name or (password is not None and ":" in name):
        table.fail_whole(
            "a user name must not be empty or, with a password, hold a colon",
            "HTTP Basic credentials end the name at the first colon: choose another name",
        )
    if password is None and certificate is None:
        table.fail_whole("has neither a password nor a certificate")
    rights = joined(roles[role] for role in named)
    return User(name, rights, password_hash=password, certificate=certificate)


def _check_certificate(users: Mapping[str, User], name: str, table: Table) -> None:
    certificate = users[name].certificate
    for other in users.values():
        if certificate is not None and other.certificate == certificate and other.name != name:
            table.fail(
                "certificate",
                f"{certificate!r} is also that of the user {other.name!r}",
                "give each user a certificate of its own",
            )


def _tokens(table: Table, roles: Mapping[str, Rights], path: Path) -> TokenRules:
    jwks, issuer, audience = (_needed(table, key, TEXT) for key in ("jwks", "issuer", "audience"))
    algorithms = table.texts("algorithms") or DEFAULT_ALGORITHMS
    leeway_s = table.read_kind("leeway_s", whole_number(0, 300))
    rules = TokenRules(
        jwks=jwks if jwks.startswith(("https://", "http://")) else str(path.parent / jwks),
        issuer=issuer,
        audience=audience,
        algorithms=algorithms,
        principal_claim=table.text("principal_claim") or "sub",
        roles_claim=table.text("roles_claim") or "roles",
        roles=_roles(table, roles),
        leeway_s=10 if leeway_s is None else leeway_s,
    )
    table.finish()
    if jwks.startswith("http://") and not is_loopback(urlsplit(jwks).hostname or ""):
        table.fail("jwks", f"{jwks} could be exchanged on its way", "give an https URL")
    for word in algorithms:
        if word not in ASYMMETRIC:
            table.fail(
                "algorithms", f"{word!r} is not accepted", f"accepted are {', '.join(ASYMMETRIC)}"
            )
    return rules


def _roles(table: Table, known: Mapping[str, Rights]) -> tuple[str, ...]:
    named = table.texts("roles") or ()
    for role in named:
        if role not in known:
            table.fail("roles", f"unknown role {role!r}", did_you_mean(role, known))
    return named


def _needed(table: Table, key: str, kind: Kind[T]) -> T:
    """The value of `key`, which the table has to have."""
    value = table.read_kind(key, kind)
    if value is None or value == "":
        table.fail(key, "is missing")
    return value


def file_stamp(path: Path) -> tuple[int, int, int] | None:
    """What changes with the file; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
