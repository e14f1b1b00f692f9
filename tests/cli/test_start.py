"""What commands may not import or do before, or while, they run: start-up time that was gained."""

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
OLDER = {**SCHEMA, "doc": "Somebody ordered."}
# The exit code is the program's own; the last line of stderr is what was imported, how often cycles
# were looked for, and whether what is left at the end is looked through.
PROGRAM = """
import gc, json, sys
sys.argv = ["schemareg", *json.loads(sys.argv[1])]
from schemareg.cli import main
searches = []
gc.callbacks.append(lambda phase, _: searches.append(phase) if phase == "start" else None)
try:
    main()
finally:
    done = [sorted(sys.modules), len(searches), gc.get_freeze_count() > 0]
    print(json.dumps(done), file=sys.stderr)
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
CHANGED = (*NEVER, "shutil", "schemareg.codec", "schemareg.lint", "schemareg.plan",
    "schemareg.sampling.sample", "schemareg.services.manifest_file")  # fmt: skip


@pytest.mark.parametrize(
    ("command", "not_imported"),
    [
        pytest.param(["--version"], FRONT, id="version"),
        pytest.param(["--help"], FRONT, id="help"),
        pytest.param(["lint", "--help"], FRONT, id="lint-help"),
        pytest.param(["lint", "a.avsc"], LINT, id="lint"),
        pytest.param(["check", "a.avsc", "--against", "old"], CHECK, id="check"),
        pytest.param(["check", "--against", "older"], CHANGED, id="check-changed"),
    ],
)
def test_command_imports_its_own_world_only(
    tmp_path: Path, command: list[str], not_imported: tuple[str, ...]
) -> None:
    imported, _, _ = run(tmp_path, command)
    assert [
        name
        for name in imported
        if any(name == each or name.startswith(f"{each}.") for each in not_imported)
    ] == []


@pytest.mark.parametrize(
    "command",
    [["--version"], ["lint", "--no-cache", "a.avsc"], ["check", "a.avsc", "--against", "old"]],
    ids=lambda command: str(command[0]),
)
def test_short_command_looks_for_no_cycles(tmp_path: Path, command: list[str]) -> None:
    _, searches, is_frozen = run(tmp_path, command)
    assert (searches, is_frozen) == (0, True)


def run(folder: Path, command: list[str]) -> tuple[list[str], int, bool]:
    """What `command` imported, its searches for cycles, and whether its objects are frozen."""
    for part, schema in ((".", SCHEMA), ("schemas", SCHEMA), ("old", SCHEMA), ("older", OLDER)):
        (folder / part).mkdir(exist_ok=True)
        (folder / part / "a.avsc").write_text(json.dumps(schema), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(command)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    imported, searches, is_frozen = json.loads(done.stderr.splitlines()[-1])
    return imported, searches, is_frozen
