"""What commands may not import before, or while, they run: start-up time that was gained."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCHEMA = {
    "type": "record",
    "name": "OrderPlaced",
    "namespace": "com.company.orders",
    "doc": "An order was placed.",
    "fields": [{"name": "orderId", "type": "string", "doc": "Its id."}],
}
# The exit code is the program's own; what was imported is the last line of stderr.
PROGRAM = """
import json, sys
sys.argv = ["schemareg", *json.loads(sys.argv[1])]
from schemareg.cli import main
try:
    main()
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""
NEVER = (
    "asyncio", "confluent_kafka", "docker", "email", "fastavro", "httpx", "importlib.metadata",
    "jinja2", "pydantic", "rich", "secrets", "sqlite3", "ssl", "starlette", "tempfile",
    "testcontainers", "typer", "uvicorn", "xml", "schemareg.brokers",
    "schemareg.registry.client.http", "schemareg.registry.server", "schemareg.registry.store",
    "schemareg.roundtrip",
)  # fmt: skip
FRONT = (*NEVER, "tomllib", "tomli", "schemareg.avro", "schemareg.compat", "schemareg.diff",
    "schemareg.fix", "schemareg.lint", "schemareg.plan", "schemareg.registry", "schemareg.services",
    "schemareg.state", "schemareg.syntax", "schemareg.workspace")  # fmt: skip
LINT = (*NEVER, "shutil", "subprocess", "schemareg.avro.binary", "schemareg.compat",
    "schemareg.diff",
    "schemareg.plan", "schemareg.registry", "schemareg.services", "schemareg.state")  # fmt: skip
CHECK = (*NEVER, "shutil", "schemareg.lint", "schemareg.plan", "schemareg.services")


@pytest.mark.parametrize(
    ("command", "not_imported"),
    [
        pytest.param(["--version"], FRONT, id="version"),
        pytest.param(["--help"], FRONT, id="help"),
        pytest.param(["lint", "--help"], FRONT, id="lint-help"),
        pytest.param(["lint", "a.avsc"], LINT, id="lint"),
        pytest.param(["check", "a.avsc", "--against", "old"], CHECK, id="check"),
    ],
)
def test_command_imports_its_own_world_only(
    tmp_path: Path, command: list[str], not_imported: tuple[str, ...]
) -> None:
    for folder in (".", "old"):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "a.avsc").write_text(json.dumps(SCHEMA), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(command)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    imported = json.loads(done.stderr.splitlines()[-1])
    assert [
        name
        for name in imported
        if any(name == each or name.startswith(f"{each}.") for each in not_imported)
    ] == []
