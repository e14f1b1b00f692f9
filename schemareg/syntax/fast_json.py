"""JSON by orjson where that is installed, else by the standard library.

There is no orjson for interpreters that its authors have not built it for; nothing depends on
it but time. `IS_FAST` shows which of the two it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any


def _dumps(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


IS_FAST = True
loads: Callable[[bytes], Any]
dumps: Callable[[Any], bytes]
try:
    from orjson import dumps, loads
except ImportError:
    IS_FAST = False
    loads, dumps = json.loads, _dumps
