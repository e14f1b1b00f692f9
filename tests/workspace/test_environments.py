"""Environments: what is different in each, where its credentials are, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from schemareg.errors import UsageError
from schemareg.subjects import CompatibilityLevel, Metadata, Mode, Subject
from schemareg.workspace import build_project, load_config
from schemareg.workspace.environments import Environment
from schemareg.workspace.subject_settings import SubjectSettings

FILE = """
level = "BACKWARD"
[topics.orders]
events = ["shop.Order"]
key = "string"
[subjects."orders-*"]
metadata.properties = { owner = "orders" }
[subjects."orders-key"]
level = "inherit"
[environments.staging]
url = "https://staging:8081"
context = ".shop"
managed = ["orders-*"]
level = "FULL"
[environments.production]
inherits = "staging"
url = "https://production:8081"
[environments.production.subjects."orders-value"]
mode = "READONLY"
"""
ORDER = {"type": "record", "name": "shop.Order", "fields": [{"name": "id", "type": "string"}]}


def settings(directory: Path, environment: str | None) -> dict[str, tuple[object, SubjectSettings]]:
    (directory / "schemareg.toml").write_text(FILE, encoding="utf-8")
    config = load_config(None, directory, environment=environment)
    project = build_project([("Order.avsc", json.dumps(ORDER).encode())], config)
    return {s.subject: (s.level, s.settings) for s in project.subjects}


OWNER = Metadata(properties={"owner": "orders"})


@pytest.mark.parametrize(
    ("environment", "level", "mode"),
    [
        (None, CompatibilityLevel.BACKWARD, None),
        ("staging", CompatibilityLevel.FULL, None),
        ("production", CompatibilityLevel.FULL, Mode.READONLY),
    ],
)
def test_settings_of_a_subject_in_each_environment(
    tmp_path: Path, environment: str | None, level: CompatibilityLevel, mode: Mode | None
) -> None:
    assert settings(tmp_path, environment) == {
        "orders-key": (None, SubjectSettings(inherits_level=True, metadata=OWNER)),
        "orders-value": (level, SubjectSettings(mode=mode, metadata=OWNER)),
    }


def test_environment_has_its_url_and_inherits_its_context(tmp_path: Path) -> None:
    (tmp_path / "schemareg.toml").write_text(FILE, encoding="utf-8")
    config = load_config(None, tmp_path, environment="production")
    assert config.environment == Environment("production", "https://production:8081", ".shop")
    assert config.is_managed(Subject("orders-value"))
    assert not config.is_managed(Subject("carts-value"))
    assert load_config(None, tmp_path).is_managed(Subject("carts-value"))
    (tmp_path / "all.toml").write_text('managed = ["*"]', encoding="utf-8")
    every = load_config(tmp_path / "all.toml", tmp_path)
    held = ("carts-value", "schemareg.deployments")
    assert [every.is_managed(Subject(name)) for name in held] == [True, False]


def test_credentials_are_those_named_after_the_environment() -> None:
    environ = {
        "SCHEMAREG_REGISTRY_USER": "somebody",
        "SCHEMAREG_REGISTRY_PASSWORD": "secret of somewhere",
        "SCHEMAREG_REGISTRY_CA": "ca.pem",
        "SCHEMAREG_REGISTRY_EU_PROD_TOKEN": "t",
        "HOME": "/root",
    }
    assert Environment("eu-prod", context=".a").variables(environ) == {
        "SCHEMAREG_REGISTRY_TOKEN": "t",
        "SCHEMAREG_REGISTRY_CA": "ca.pem",
        "SCHEMAREG_REGISTRY_CONTEXT": ".a",
        "HOME": "/root",
    }


REFUSED = [
    (
        '[environments.a]\ninherits = "b"',
        "a",
        "environments.a.inherits: there is no environment 'b'",
    ),
    (
        '[environments.a]\ninherits = "b"\n[environments.b]\ninherits = "a"',
        "a",
        "environments.b.inherits: it inherits from itself: a → b → a",
    ),
    ('[environments.a]\nroots = ["x"]', "a", "environments.a.roots: unknown key"),
    ('[environments."a b"]', None, "environments.a b: 'a b' cannot name an environment"),
    ("[environments.oauth]", None, "environments.oauth: 'oauth' cannot name an environment"),
    (
        "[environments.production]",
        "prodution",
        "environments: there is no environment 'prodution'; did you mean 'production'?",
    ),
    ('[subjects."a"]\nmode = "readonly"', None, "subjects.a.mode: unknown mode 'readonly'"),
    (
        '[subjects."a"]\nmetadata.propertys = {}',
        None,
        "subjects.a.metadata.propertys: unknown key; did you mean 'properties'?",
    ),
]


@pytest.mark.parametrize(("text", "environment", "message"), REFUSED)
def test_environment_refused(
    tmp_path: Path, text: str, environment: str | None, message: str
) -> None:
    (tmp_path / "schemareg.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as refusal:
        load_config(None, tmp_path, environment=environment)
    assert message in str(refusal.value)


def test_environment_without_any_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no environment 'a', because there is no"):
        load_config(None, tmp_path, environment="a")
