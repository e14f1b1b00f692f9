"""The direction of imports: a module imports what stands strictly lower, or its own package."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import schemareg

PACKAGE = Path(schemareg.__file__).parent

# Bottom to top. A name is a module or a package directly under schemareg/.
ROOMS = [
    "places",
    "errors",
    "subjects",
    "avro",
    "findings",
    "compat",
    "diff",
    "lint",
    "config",
    "project",
    "wire",
    "codec",
    "registry",
    "serdes",
    "catalog",
    "bases",
    "kafka",
    "fixtures",
    "pytest_plugin",
    "jobs",
    "report",
    "cli",
]


def room_of(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    return relative.parts[0].removesuffix(".py")


def imports_of(path: Path) -> list[tuple[int, str]]:
    """Line and room of every import of ours, in functions and under TYPE_CHECKING too."""
    found: list[tuple[int, str]] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        modules: list[str] = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif node.module:
            # `from schemareg import errors` names a room in the imported name
            modules = (
                [f"schemareg.{alias.name}" for alias in node.names]
                if node.module == "schemareg"
                else [node.module]
            )
        for module in modules:
            parts = module.split(".")
            if parts[0] == "schemareg" and len(parts) > 1 and parts[1] != "__version__":
                found.append((node.lineno, parts[1]))
    return found


MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_module_imports_only_lower_rooms(path: Path) -> None:
    room = room_of(path)
    if room in ("__init__", "__main__"):
        return
    assert room in ROOMS, f"{path.name}: add the room {room!r} to ROOMS, at its height"
    upward = [
        f"line {line}: {room} imports {other}"
        for line, other in imports_of(path)
        if other != room and (other not in ROOMS or ROOMS.index(other) >= ROOMS.index(room))
    ]
    assert upward == []
