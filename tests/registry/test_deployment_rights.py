"""Who may read and record deployments at a server, by its rights on their subject."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import bcrypt
import pytest

from schemareg.errors import RegistryError
from schemareg.registry import BasicCredentials, connect
from schemareg.registry.server.settings import ServerSettings
from schemareg.services.deployment_registry import SUBJECT, RegistryDeployments
from schemareg.services.deployments import Record, RecordKind
from tests.registry.conftest import StartServer

BUILT = Record(RecordKind.VERSION, "order", "1", by="ci")
AUTH = """
[roles.deployer]
grants = [{{ subjects = ["schemareg.deployments"], rights = ["read", "write"] }}]
[roles.other]
grants = [{{ subjects = ["orders-*"], rights = ["read", "write"] }}]
[users.deployer]
password = "{0}"
roles = ["deployer"]
[users.reader]
password = "{0}"
roles = ["reader"]
[users.other]
password = "{0}"
roles = ["other"]
"""


@pytest.fixture(scope="module")
def url(start_server_for_session: StartServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    hashed = bcrypt.hashpw(b"secret", bcrypt.gensalt(4)).decode()
    auth_file: Path = tmp_path_factory.mktemp("auth") / "auth.toml"
    auth_file.write_text(AUTH.format(hashed), encoding="utf-8")
    server = start_server_for_session(ServerSettings(port=0, auth_file=auth_file))
    with connect(server.url, credentials=BasicCredentials("deployer", "secret")) as client:
        store = RegistryDeployments(client, client.shown_as)
        assert store.add(lambda held: held.added(BUILT)) == 1
    return server.url


@pytest.mark.parametrize(
    ("user", "reads", "writes"),
    [("deployer", 200, 200), ("reader", 200, 403), ("other", 403, 403), ("stranger", 401, 401)],
)
def test_rights_on_deployments(url: str, user: str, reads: int, writes: int) -> None:
    with connect(url, credentials=BasicCredentials(user, "secret")) as client:
        store = RegistryDeployments(client, client.shown_as)
        assert _status(lambda: BUILT in store.read().records) == reads
        there = Record(RecordKind.DEPLOYED, "order", "1", user)
        assert _status(lambda: store.add(lambda held: held.added(there)) == 1) == writes


def test_refusal_names_the_right(url: str) -> None:
    with (
        connect(url, credentials=BasicCredentials("other", "secret")) as client,
        pytest.raises(RegistryError) as refused,
    ):
        RegistryDeployments(client, client.shown_as).read()
    assert f"User is denied operation Read on Subject: {SUBJECT}" in str(refused.value)
    assert "these credentials lack the right to do this" in str(refused.value)


def _status(holds: Callable[[], bool]) -> int:
    """200 where `holds`, else the status of the refusal."""
    try:
        assert holds()
    except RegistryError as refused:
        return refused.status
    return 200
