"""JSON by orjson where that is installed, else by the standard library.

There is no orjson for interpreters that its authors have not built it for; nothing depends on
it but time. `IS_FAST` shows which of the two it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any


def _dumps(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _dumps_sorted(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


IS_FAST = True
loads: Callable[[bytes], Any]
dumps: Callable[[Any], bytes]
dumps_sorted: Callable[[Any], bytes]
"""Members in the order of their names; texts beyond ASCII are written differently by the two."""
try:
    import orjson

    loads, dumps = orjson.loads, orjson.dumps
    dumps_sorted = partial(orjson.dumps, option=orjson.OPT_SORT_KEYS)
except ImportError:
    IS_FAST = False
    loads, dumps, dumps_sorted = json.loads, _dumps, _dumps_sorted
