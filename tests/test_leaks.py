"""scripts/test-leaks attributes what is left open to the module that left it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TOP = Path(__file__).parents[1]
LEAVES = {
    "file": "self.open = open(__file__)",
    "socket": "import socket; self.open = socket.socket()",
    "loop": "import asyncio; self.open = asyncio.new_event_loop()",
    "nothing": "pass",
}
MODULE = """
def test_one():
    class Cycle:
        def __init__(self):
            self.me = self
            {}
    Cycle()
"""


def test_what_is_left_open_is_an_error_of_its_module(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(TOP))
    pytester.makepyfile(**{f"test_{name}": MODULE.format(code) for name, code in LEAVES.items()})
    options = ("-W", "error", "-p", "tests.support.leaks", "-p", "no:asyncio")
    result = pytester.runpytest_subprocess(*options)
    result.assert_outcomes(passed=4, errors=3)
    errors = re.findall(r"^ERROR (\S+)::test_one", result.stdout.str(), re.MULTILINE)
    assert errors == ["test_file.py", "test_loop.py", "test_socket.py"]
