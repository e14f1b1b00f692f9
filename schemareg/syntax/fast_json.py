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


_LONG_DIGITS = b"0" * 16  # 64 bits take 19 or 20
_DIGITS_AS_ZEROS = bytes(ord("0") if chr(i) in "0123456789" else i for i in range(256))
_BEFORE_DIGITS = b" \t\r\n:,[-+.eE"
"""What JSON allows before the digits of a number; before those of a name are mostly others."""
_MOST_RUNS = 100


def digits_as_zeros(octets: bytes) -> bytes:
    return octets.translate(_DIGITS_AS_ZEROS)


def has_long_number(zeros: bytes) -> bool:
    """Whether a number of a JSON text, its digits as zeros, has 16 digits in a row.

    True too where a text looks like such a number, or has very many digits. A pattern takes ten
    times as long.
    """
    at = -len(_LONG_DIGITS)
    for _ in range(_MOST_RUNS):
        at = zeros.find(_LONG_DIGITS, at + len(_LONG_DIGITS))
        if at < 0:
            return False
        if at == 0 or zeros[at - 1] in _BEFORE_DIGITS:
            return True
    return True


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
