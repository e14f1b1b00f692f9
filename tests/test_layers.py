"""The direction of imports: a module imports what is strictly lower, or its own room; no cycles.

Rooms are the modules and packages directly under schemareg/. A room with sub-rooms orders them in
the same way. Imports in functions and under TYPE_CHECKING count like all others.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import schemareg
from schemareg.graphs import components

PACKAGE = Path(schemareg.__file__).parent

# Bottom to top. A name is a module or a package directly under schemareg/.
ROOMS = [
    "lazy_dataclass",
    "integers",
    "places",
    "suggestions",
    "errors",
    "graphs",
    "limits",
    "settings",
    "user_cache",
    "patterns",
    "syntax",
    "subjects",
    "findings",
    "results",
    "avro",
    "sampling",
    "compat",
    "diff",
    "workspace",
    "lint",
    "fix",
    "wire",
    "cloudevents",
    "codec",
    "generate",
    "registry",
    "serdes",
    "schema_catalog",
    "state",
    "plan",
    "services",
    "golden",
    "brokers",
    "roundtrip",
    "tracing",
    "rehearsal",
    "site",
    "commands",
    "report",
    "lsp",
    "pytest_plugin",
    "cli",
]

# The same inside a room: its sub-packages from bottom to top. Modules directly in the room (the
# entry "") are one level; they may not import a sub-room above it, nor the reverse below it.
SUB_ROOMS: Mapping[str, list[str]] = {
    "avro": ["", "parse", "binary", "idl"],
    "compat": ["", "proof", "hazards"],
    "lint": ["", "rules"],
    "site": ["", "catalog"],
    "registry": ["api", "client", "store", "service", "topic", "server"],
}


def modules() -> dict[str, Path]:
    """Dotted name below schemareg of every module; a package is named like its `__init__`."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Line and module of every import of ours."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("schemareg."):
                    yield node.lineno, alias.name.removeprefix("schemareg.")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "schemareg":
            base = (node.module or "").removeprefix("schemareg").lstrip(".")
            for alias in node.names:
                inner = f"{base}.{alias.name}".lstrip(".")
                if inner in MODULES:
                    yield node.lineno, inner
                elif base:
                    yield node.lineno, base


def room_of(module: str) -> str:
    return module.partition(".")[0]


def sub_room_of(module: str) -> str:
    room, _, rest = module.partition(".")
    sub = rest.partition(".")[0]
    return sub if sub in SUB_ROOMS.get(room, ()) else ""


@pytest.mark.parametrize("module", MODULES)
def test_module_imports_only_lower_rooms(module: str) -> None:
    room = room_of(module)
    if room in ("", "__main__"):
        return
    assert room in ROOMS, f"{module}: add the room {room!r} to ROOMS, at its height"
    upward = [
        f"line {line}: {room} imports {other}"
        for line, other in imports_of(MODULES[module])
        if room_of(other) != room and ROOMS.index(room_of(other)) >= ROOMS.index(room)
    ]
    assert upward == []


@pytest.mark.parametrize("module", [m for m in MODULES if room_of(m) in SUB_ROOMS and "." in m])
def test_module_imports_only_lower_sub_rooms(module: str) -> None:
    room, sub = room_of(module), sub_room_of(module)
    order = SUB_ROOMS[room]
    if sub not in order:  # a module beside sub-rooms that have no place for such
        pytest.fail(f"{module}: put it into one of {order}")
    upward = [
        f"line {line}: {room}/{sub} imports {other}"
        for line, other in imports_of(MODULES[module])
        if room_of(other) == room
        and "." in other
        and order.index(sub_room_of(other)) > order.index(sub)
    ]
    assert upward == []


def test_no_cycle_of_modules() -> None:
    # a package's __init__ re-exports from below and is no part of the flow
    graph = {
        module: {
            other
            for _, other in imports_of(path)
            if other != module and MODULES[other].name != "__init__.py"
        }
        for module, path in MODULES.items()
        if path.name != "__init__.py"
    }
    names = {module: module for module in graph}  # components tells things apart by identity
    groups = components(names, lambda module: [names[other] for other in sorted(graph[module])])
    assert [sorted(group) for group in groups if len(group) > 1] == []


def test_every_dataclass_with_slots_is_lazy() -> None:
    """Import `dataclass` from schemareg.lazy_dataclass: a class then costs a fifth at import."""
    eager = [
        path.relative_to(PACKAGE).as_posix()
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.name != "lazy_dataclass.py"
        for text in [path.read_text(encoding="utf-8")]
        if "slots=True" in text
        for line in text.splitlines()
        if line.startswith("from dataclasses import ")
        and "dataclass" in line.removeprefix("from dataclasses import ").split(", ")
    ]
    assert eager == []
