"""The file of `--auth-file`: users, tokens, certificates and what their roles may do."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, TypeGuard, TypeVar
from urllib.parse import urlsplit

from schemareg.errors import FileUsageError, UsageError
from schemareg.places import Location
from schemareg.registry.server.addresses import is_loopback
from schemareg.registry.server.auth.passwords import hash_problem
from schemareg.registry.server.auth.rights import EVERY_SUBJECT, Grant, Right, Rights, joined
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
        UsageError: the file is missing, is not TOML, or says something that is not understood.
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
    _, table = read_toml(raw, str(path), what="the auth file")
    if mode & 0o022 and os.name == "posix":
        raise UsageError(
            f"{path}: others may write the auth file (mode {mode & 0o777:04o})",
            advice=f"run: chmod go-w {path}",
        )
    return _Reader(path).rules(table)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads tables of one file, so that every refusal names it."""

    path: Path
    errors: list[UsageError] = field(default_factory=list)

    def _collected(self, read: Callable[[], T], otherwise: T) -> T:
        """What `read` returns, or `otherwise` where it is refused: the refusal is noted."""
        try:
            return read()
        except UsageError as error:
            self.errors.append(error)
            return otherwise

    def rules(self, table: Mapping[str, object]) -> AuthRules:
        known = ("users", "roles", "jwt", "anonymous")
        self._collected(lambda: self._only(table, known, "the file"), None)
        roles = dict(BUILT_IN_ROLES)
        for name, value in self._tables(table, "roles"):
            roles[name] = self._collected(partial(self._role, name, value), Rights())
        users: dict[str, User] = {}
        for name, value in self._tables(table, "users"):
            nobody = User(name, Rights())
            users[name] = self._collected(partial(self._user, name, value, roles), nobody)
        self._collected(lambda: self._check_certificates(users), None)
        tokens = None
        if "jwt" in table:
            tokens = self._collected(lambda: self._tokens(table["jwt"], roles), None)
        anonymous = None
        if "anonymous" in table:
            anonymous = self._collected(lambda: self._anonymous(table["anonymous"], roles), None)
        if self.errors:
            raise FileUsageError(self.errors)
        if not users and tokens is None and anonymous is None:
            raise self._refusal("names no user, no [jwt] and no [anonymous]: nobody could enter")
        return AuthRules(users=users, roles=roles, tokens=tokens, anonymous=anonymous)

    def _anonymous(self, value: object, roles: Mapping[str, Rights]) -> Rights | None:
        where = "[anonymous]"
        content = self._table(value, where)
        self._only(content, ("roles",), where)
        return joined(roles[role] for role in self._roles(content, roles, where))

    def _role(self, name: str, content: Mapping[str, object]) -> Rights:
        where = f"[roles.{name}]"
        self._only(content, ("grants",), where)
        grants = content.get("grants")
        if not isinstance(grants, list) or not grants:
            raise self._refusal(f"{where} needs grants = [{{ subjects = [...], rights = [...] }}]")
        return Rights(tuple(self._grant(self._table(grant, where), where) for grant in grants))

    def _grant(self, content: Mapping[str, object], where: str) -> Grant:
        self._only(content, ("subjects", "rights"), where)
        rights: set[Right] = set()
        for word in self._texts(content, "rights", where):
            if word not in set(Right):
                raise self._refusal(
                    f"{where}: unknown right {word!r}",
                    did_you_mean(word, [right.value for right in Right]),
                )
            rights.add(Right(word))
        return Grant(self._texts(content, "subjects", where), frozenset(rights))

    def _user(self, name: str, content: Mapping[str, object], roles: Mapping[str, Rights]) -> User:
        where = f"[users.{name}]"
        self._only(content, ("password", "certificate", "roles"), where)
        password = self._text(content, "password", where, default=None)
        if password is not None and (problem := hash_problem(password)):
            raise self._refusal(
                f"{where}: password {problem}",
                "write the hash that `schemareg registry hash-password` prints",
            )
        if not name or (password is not None and ":" in name):
            raise self._refusal(
                f"{where}: a user name must not be empty or, with a password, hold a colon",
                "HTTP Basic credentials end the name at the first colon: choose another name",
            )
        certificate = self._text(content, "certificate", where, default=None)
        if password is None and certificate is None:
            raise self._refusal(f"{where} has neither a password nor a certificate")
        rights = joined(roles[role] for role in self._roles(content, roles, where))
        return User(name, rights, password_hash=password, certificate=certificate)

    def _check_certificates(self, users: Mapping[str, User]) -> None:
        owners: dict[str, str] = {}
        for user in users.values():
            if user.certificate is None:
                continue
            other = owners.setdefault(user.certificate, user.name)
            if other != user.name:
                raise self._refusal(
                    f"[users.{user.name}]: the certificate {user.certificate!r} is also that of"
                    f" [users.{other}]",
                    "give each user a certificate of its own",
                )

    def _tokens(self, value: object, roles: Mapping[str, Rights]) -> TokenRules:
        where = "[jwt]"
        content = self._table(value, where)
        names = (
            "jwks",
            "issuer",
            "audience",
            "algorithms",
            "principal_claim",
            "roles_claim",
            "roles",
            "leeway_s",
        )
        self._only(content, names, where)
        jwks, issuer, audience = (
            self._required(content, name, where) for name in ("jwks", "issuer", "audience")
        )
        if jwks.startswith("http://") and not is_loopback(urlsplit(jwks).hostname or ""):
            raise self._refusal(
                f"{where}: jwks {jwks} could be exchanged on its way", "give an https URL"
            )
        if not jwks.startswith(("https://", "http://")):
            jwks = str(self.path.parent / jwks)
        algorithms = (
            self._texts(content, "algorithms", where)
            if "algorithms" in content
            else DEFAULT_ALGORITHMS
        )
        for word in algorithms:
            if word not in ASYMMETRIC:
                raise self._refusal(
                    f"{where}: algorithm {word!r} is not accepted",
                    f"accepted are {', '.join(ASYMMETRIC)}",
                )
        leeway_s = content.get("leeway_s", 10)
        if not isinstance(leeway_s, int) or isinstance(leeway_s, bool) or not 0 <= leeway_s <= 300:
            raise self._refusal(f"{where}: leeway_s is {leeway_s!r}, not a number from 0 to 300")
        return TokenRules(
            jwks=jwks,
            issuer=issuer,
            audience=audience,
            algorithms=algorithms,
            principal_claim=self._text(content, "principal_claim", where, default=None) or "sub",
            roles_claim=self._text(content, "roles_claim", where, default=None) or "roles",
            roles=self._roles(content, roles, where),
            leeway_s=leeway_s,
        )

    def _roles(
        self, content: Mapping[str, object], known: Mapping[str, Rights], where: str
    ) -> tuple[str, ...]:
        named = self._texts(content, "roles", where) if "roles" in content else ()
        for role in named:
            if role not in known:
                raise self._refusal(f"{where}: unknown role {role!r}", did_you_mean(role, known))
        return named

    def _tables(
        self, table: Mapping[str, object], name: str
    ) -> list[tuple[str, Mapping[str, object]]]:
        nothing: Mapping[str, object] = {}
        content = self._collected(lambda: self._table(table.get(name, {}), f"[{name}]"), nothing)
        found: list[tuple[str, Mapping[str, object]]] = []
        for key, value in content.items():
            if _is_table(value):
                found.append((key, value))
            else:
                self.errors.append(self._refusal(f"[{name}.{key}] is not a table"))
        return found

    def _table(self, value: object, where: str) -> Mapping[str, object]:
        if not _is_table(value):
            raise self._refusal(f"{where} is not a table")
        return value

    def _required(self, content: Mapping[str, object], name: str, where: str) -> str:
        text = self._text(content, name, where, default=None)
        if not text:
            raise self._refusal(f"{where} needs {name}")
        return text

    def _text(
        self, content: Mapping[str, object], name: str, where: str, *, default: str | None
    ) -> str | None:
        value = content.get(name, default)
        if value is not None and not isinstance(value, str):
            raise self._refusal(f"{where}: {name} is not a text")
        return value

    def _texts(self, content: Mapping[str, object], name: str, where: str) -> tuple[str, ...]:
        value = content.get(name)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._refusal(f'{where} needs {name} = ["..."]')
        return tuple(value)

    def _only(self, content: Mapping[str, object], known: tuple[str, ...], where: str) -> None:
        for name in content:
            if name not in known:
                raise self._refusal(f"{where}: unknown key {name!r}", did_you_mean(name, known))

    def _refusal(self, message: str, advice: str | None = None) -> UsageError:
        return UsageError(message, location=Location(str(self.path)), advice=advice)


def _is_table(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, dict)


def file_stamp(path: Path) -> tuple[int, int, int] | None:
    """What changes with the file; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
