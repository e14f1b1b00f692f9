"""The auth file, and which rights reach which subjects."""

from __future__ import annotations

import os
from pathlib import Path

import bcrypt
import pytest

from schemareg.errors import FileUsageError, UsageError
from schemareg.registry.server.auth.passwords import DUMMY_HASH, hash_password, password_fits
from schemareg.registry.server.auth.rights import EVERYTHING, Grant, Right, Rights
from schemareg.registry.server.auth.rules import load_rules
from schemareg.subjects import Subject

HASH = "$2b$04$abcdefghijklmnopqrstuuZq7Jp0pW1L4pyb3nSJp6R6E7p6bTqVK"


@pytest.mark.parametrize(
    ("pattern", "subject", "reached"),
    [
        ("orders-value", "orders-value", True),
        ("orders-value", "orders-values", False),
        ("orders-value", ":.:orders-value", True),
        ("orders-*", "orders-value", True),
        ("orders-*", "orders-", True),
        ("orders-*", "my-orders-value", False),
        ("orders-*", ":.eu:orders-value", False),
        ("*-value", "a-value", True),
        ("*-value", ":.eu:a-value", False),
        ("*", "anything", True),
        ("*", ":.eu:anything", True),
        (":.eu:*", ":.eu:orders-value", True),
        (":.eu:*", ":.eu2:orders-value", False),
        (":.eu:orders-*", ":.eu:payments-value", False),
        (":.eu:*", "orders-value", False),
        ("a.b*", "axb", False),
        ("a*c", "a\nc", True),
        ("", "", True),
        ("", "a", False),
        ("a*a", "a", False),
        ("a*b*c", "a-b-b-c", True),
        ("a*b*c", "a-c-b", False),
        ("*-team-*-topic-*-value", "-team--topic" * 1_000, False),
        ("*.orders.*.v*.avro", ".orders..v" * 1_500, False),
    ],
)
def test_pattern_reaches_subject(pattern: str, subject: str, reached: bool) -> None:
    assert Grant((pattern,), frozenset({Right.READ})).reaches(Subject(subject)) is reached


@pytest.mark.parametrize(
    "subject", [":.eu:secret-value", ":.eu:secret", ":.eu2:public", ":.eu:public2"]
)
def test_a_pattern_of_the_default_context_reaches_no_other(subject: str) -> None:
    grant = Grant(("*-value", ":.eu:public"), frozenset({Right.READ, Right.DELETE}))
    assert not grant.reaches(Subject(subject))
    assert grant.reaches(Subject(":.eu:public"))
    assert grant.reaches(Subject("secret-value"))


def test_rights_of_several_grants_do_not_mix() -> None:
    rights = Rights(
        (
            Grant(("orders-*",), frozenset({Right.READ, Right.WRITE})),
            Grant(("*",), frozenset({Right.READ})),
        )
    )
    assert rights.allow(Right.WRITE, Subject("orders-value"))
    assert not rights.allow(Right.WRITE, Subject("payments-value"))
    assert rights.allow(Right.READ, Subject("payments-value"))
    assert rights.allow(Right.READ, None)
    assert not rights.allow(Right.WRITE, None)
    assert all(EVERYTHING.allow(right, None) for right in Right)
    assert not Rights().allow(Right.READ, Subject("orders-value"))


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "auth.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_auth_file_with_everything_in_it(tmp_path: Path) -> None:
    rules = load_rules(
        written(
            tmp_path,
            f"""
            [roles.orders-team]
            grants = [
              {{ subjects = ["orders-*", ":.eu:orders-*"], rights = ["read", "write"] }},
              {{ subjects = ["*"], rights = ["read"] }},
            ]
            [users.anna]
            password = "{HASH}"
            roles = ["orders-team"]
            [users.build]
            certificate = "CN=build,O=Shop"
            roles = ["admin"]
            [anonymous]
            roles = ["reader"]
            [jwt]
            jwks = "keys.json"
            issuer = "https://login.example.com"
            audience = "schemareg"
            """,
        )
    )
    anna = rules.users["anna"]
    assert anna.rights.allow(Right.WRITE, Subject(":.eu:orders-value"))
    assert not anna.rights.allow(Right.DELETE, Subject("orders-value"))
    build = rules.user_with_certificate("CN=build,O=Shop")
    assert build is not None
    assert build.rights.allow(Right.MODE, None)
    assert rules.user_with_certificate("CN=other") is None
    assert rules.anonymous is not None
    assert rules.anonymous.allow(Right.READ, None)
    assert rules.tokens is not None
    assert rules.tokens.jwks == str(tmp_path / "keys.json")
    assert rules.tokens.algorithms == ("RS256", "ES256", "EdDSA")
    assert HASH not in repr(rules)


USER = f'[users.anna]\npassword = "{HASH}"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ": names no user, no [jwt] and no [anonymous]: nobody could enter"),
        ("users = 3", ":1:1: users: 3 is not a table"),
        ("[user.anna]", ": user: unknown key; did you mean 'users'?"),
        ("[users.anna]", ":1:1: users.anna: has neither a password nor a certificate"),
        (
            '[users.anna]\npassword = "secret"',
            ":2:1: users.anna.password: is not an argon2 or bcrypt hash; "
            "write the hash that `schemareg registry hash-password` prints",
        ),
        ("[users.anna]\npassword = 3", ":2:1: users.anna.password: is not a text"),
        (
            USER + 'roles = ["amdin"]',
            ":3:1: users.anna.roles: unknown role 'amdin'; did you mean 'admin'?",
        ),
        (USER + "roles = 3", ":3:1: users.anna.roles: 3 is not a list of texts"),
        (
            USER + '[roles.x]\ngrants = [{ subjects = ["*"], rights = ["reed"] }]',
            ":4:1: roles.x.grants[0].rights: unknown right 'reed'; did you mean 'read'?",
        ),
        (USER + "[roles.x]", ":3:1: roles.x.grants: needs [{ subjects = [...], rights = [...] }]"),
        (USER + '[jwt]\nissuer = "i"', ":3:1: jwt.jwks: is missing"),
        (
            '[jwt]\njwks = "k"\nissuer = "i"\naudience = "a"\nalgorithms = ["HS256"]',
            ":5:1: jwt.algorithms: 'HS256' is not accepted; "
            "accepted are RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA",
        ),
        (
            '[jwt]\njwks = "http://keys.example.com"\nissuer = "i"\naudience = "a"',
            ":2:1: jwt.jwks: http://keys.example.com could be exchanged on its way; "
            "give an https URL",
        ),
        (
            '[users.anna]\npassword = "$argon2id$nonsense"\nroles = ["reader"]',
            ":2:1: users.anna.password: is not a whole argon2 hash; "
            "write the hash that `schemareg registry hash-password` prints",
        ),
        (
            '[users.anna]\npassword = "$2b$12$short"\nroles = ["reader"]',
            ":2:1: users.anna.password: is not an argon2 or bcrypt hash; "
            "write the hash that `schemareg registry hash-password` prints",
        ),
        (
            f'[users.""]\npassword = "{HASH}"\nroles = ["reader"]',
            ":1:1: users.: a user name must not be empty or, with a password, hold a colon; "
            "HTTP Basic credentials end the name at the first colon: choose another name",
        ),
        (
            f'[users."a:b"]\npassword = "{HASH}"\nroles = ["reader"]',
            ":1:1: users.a:b: a user name must not be empty or, with a password, hold a colon; "
            "HTTP Basic credentials end the name at the first colon: choose another name",
        ),
        (
            '[users.a]\ncertificate = "CN=x"\nroles = ["reader"]\n'
            '[users.b]\ncertificate = "CN=x"\nroles = ["admin"]',
            ":5:1: users.b.certificate: 'CN=x' is also that of the user 'a'; "
            "give each user a certificate of its own",
        ),
        (
            '[jwt]\njwks = "k"\nissuer = "i"\naudience = "a"\nleeway_s = 9000',
            ":5:1: jwt.leeway_s: 9000 is not a whole number from 0 to 300",
        ),
    ],
)
def test_auth_file_is_refused_with_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UsageError) as refused:
        load_rules(path)
    assert str(refused.value) == f"{path}{message}"


def test_auth_file_is_checked_whole(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        colour = "red"
        [roles.a]
        grants = []
        [users.b]
        password = "$2b$12$short"
        [users.c]
        certificate = "CN=c"
        [users.d]
        certificate = "CN=c"
        roles = ["admni"]
        """,
    )
    with pytest.raises(FileUsageError) as refused:
        load_rules(path)
    assert [str(error).removeprefix(str(path))[:38] for error in refused.value.errors] == [
        ":4:1: roles.a.grants: needs [{ subject",
        ":6:1: users.b.password: is not an argo",
        ":11:1: users.d.roles: unknown role 'ad",
        ":2:1: colour: unknown key; known: anon",
    ]


def test_auth_file_that_others_may_write_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "[anonymous]\nroles = ['reader']")
    path.chmod(0o666)
    with pytest.raises(UsageError, match="others may write the auth file"):
        load_rules(path)


def test_auth_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file or directory"):
        load_rules(tmp_path / "auth.toml")
    os.mkfifo(tmp_path / "pipe.toml")
    with pytest.raises(UsageError, match="cannot be read: it is a pipe"):
        load_rules(tmp_path / "pipe.toml")


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"[users", "the auth file is not TOML: Expected ']'"),
        (b"\xff\xfe", "the auth file is not UTF-8"),
        (b"a = " + b"[" * 3_000, "the auth file is not TOML: its values are nested too deeply"),
        (b"a = " + b"9" * 5_000, "the auth file is not TOML: a number has too many digits"),
    ],
    ids=["an open table", "latin", "deep", "a long number"],
)
def test_auth_file_that_is_not_toml_is_refused(tmp_path: Path, raw: bytes, message: str) -> None:
    path = tmp_path / "auth.toml"
    path.write_bytes(raw)
    with pytest.raises(UsageError) as refusal:
        load_rules(path)
    assert message in str(refusal.value)


def test_hashes_of_both_kinds_fit_only_their_password() -> None:
    by_argon2 = hash_password("open sesame")
    by_bcrypt = bcrypt.hashpw(b"open sesame", bcrypt.gensalt(4)).decode()
    assert by_argon2.startswith("$argon2id$")
    for hashed in (by_argon2, by_bcrypt):
        assert password_fits("open sesame", hashed)
        assert not password_fits("open sesam", hashed)
        assert not password_fits("", hashed)
        assert not password_fits("x" * 500, hashed)
    assert not password_fits("open sesame", "$argon2id$broken")
    assert not password_fits("open sesame", "$2b$broken")
    with pytest.raises(UsageError):
        hash_password("")


def test_unknown_user_costs_a_real_hash() -> None:
    assert not password_fits("", None)
    # a dummy that argon2 could not read would be refused at once, and tell who has an account
    import argon2

    assert argon2.extract_parameters(DUMMY_HASH) == argon2.PasswordHasher()._parameters
