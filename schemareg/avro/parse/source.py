"""Text -> JSON value as Avro Java's JSON reader takes it.

Source: RFC 8259; Jackson's `ALLOW_COMMENTS` and `StreamReadConstraints`, as Avro 1.12.1 sets them.
"""

from __future__ import annotations

import json
from typing import NoReturn

from schemareg.avro.depth import MAX_NESTING, with_room
from schemareg.avro.parse.lookalikes import advice_for_text
from schemareg.avro.schema import JsonValue
from schemareg.errors import Problem, SchemaParseError
from schemareg.places import ROOT
from schemareg.syntax import Tree, blank_comments, deeper_than, fast_json, tokens

_MAX_NUMBER_CHARS = 1000
_WHITESPACE = " \t\n\r"
# what Java's String.trim takes off; only that may follow the schema
_TRIMMED = "".join(map(chr, range(33)))


class _NotJsonError(Exception):
    """The text holds something that Python takes and Jackson does not."""


def _refuse_constant(constant: str) -> NoReturn:
    raise _NotJsonError(f"{constant} is not a JSON number")


def _integer(digits: str) -> int:
    _check_length(digits)
    return int(digits)


def _real(digits: str) -> float:
    _check_length(digits)
    return float(digits)


def _check_length(digits: str) -> None:
    if len(digits) > _MAX_NUMBER_CHARS:
        raise _NotJsonError(
            f"a number of {len(digits)} characters; {_MAX_NUMBER_CHARS} is the most"
        )


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_int=_integer, parse_float=_real)


def decode_text(text: str | bytes) -> str:
    """The characters of a schema text, bytes being UTF-8, -16 or -32 with or without a mark.

    Raises:
        SchemaParseError: the bytes are not text in that encoding.
    """
    if isinstance(text, str):
        return text
    encoding = json.detect_encoding(text)
    try:
        return text.decode(encoding)
    except UnicodeDecodeError as error:
        before = text[: error.start].decode(encoding, "replace")
        line, column = Tree(before).position(len(before))
        problem = Problem(
            f"not a text: byte {text[error.start]:#04x} does not fit {encoding}",
            "not-text", ROOT, line, column, "save the file as UTF-8",
        )  # fmt: skip
        raise SchemaParseError([problem]) from error


def check_utf_8(raw: bytes) -> None:
    """Nothing, when the bytes `raw` of a schema are UTF-8.

    Raises:
        SchemaParseError: they are in another encoding, which nothing is written in.
    """
    encoding = json.detect_encoding(raw)
    if not encoding.startswith("utf-8"):
        message = f"the file is {encoding.upper()}, and only UTF-8 is written"
        problem = Problem(message, "not-utf-8", ROOT, 1, 1, "save the file as UTF-8")
        raise SchemaParseError([problem])


def load(text: str) -> JsonValue:
    """The JSON value of `text`; of two equal keys the last one counts.

    Comments are taken as blanks; nothing may follow the value, nesting ends at 1000 levels.

    Raises:
        SchemaParseError: with one problem and its place.
    """
    value = _read_plain(text)
    if value is None:
        value = _read_exactly(text)
    if len(text) > MAX_NESTING:
        _check_nesting(text)
    return value


def _read_plain(text: str) -> JsonValue:
    """The value, read fast, of a text that holds nothing on which readers of JSON differ.

    None: the text is `null`, no JSON, or holds a number so long that orjson might round it, or
    Jackson refuse it; or there is no orjson. What it reads besides it reads as Python does.
    """
    if not fast_json.IS_FAST:
        return None
    try:
        octets = text.encode()
        if fast_json.has_long_number(fast_json.digits_as_zeros(octets)):
            return None
        value: JsonValue = fast_json.loads(octets)
    except ValueError:
        return None
    return value


def _read_exactly(text: str) -> JsonValue:
    try:
        value, end = _read(text, text)
    except RecursionError:
        _check_nesting(text)
        value, end = with_room(lambda: _read(text, text))
    if end != len(text) and (rest := text[end:].strip(_TRIMMED)):
        start = text.index(rest, end)
        raise _problem(
            text, start, f"text after the end of the schema: {_shown(rest)}", "trailing-text",
            "a file holds one schema; several go into a union: [ … ]",
        )  # fmt: skip
    return value


def _read(text: str, original: str) -> tuple[JsonValue, int]:
    """The value and the offset behind it; `text` may be the `original` with comments blanked."""
    start = 0
    if text[:1] not in ("{", "[", '"'):
        start = len(text) - len(text.lstrip(_WHITESPACE))
    try:
        # raw_decode without its detour; typeshed leaves this attribute out
        read: tuple[JsonValue, int] = _DECODER.scan_once(text, start)  # type: ignore[attr-defined]
        return read
    except StopIteration as error:
        return _read_again(text, original, "expecting value", error.value)
    except json.JSONDecodeError as error:
        return _read_again(text, original, error.msg, error.pos)
    except _NotJsonError as error:
        raise _problem(text, _number_place(text), f"not JSON: {error}", "not-json") from error


def _read_again(text: str, original: str, reason: str, at: int) -> tuple[JsonValue, int]:
    """A second reading, without comments, of a text that is not JSON at `at`."""
    if text is original and (blanked := blank_comments(text)) != text:
        return _read(blanked, original)
    raise _not_json(original, reason, at)


def _not_json(text: str, reason: str, at: int) -> SchemaParseError:
    # from Python 3.12 on the JSON reader goes deeper than Jackson before it fails
    _check_nesting(text[:at])
    if not blank_comments(text).strip(_WHITESPACE):
        return _problem(text, 0, "the text is empty", "not-json", "write a schema")
    if text.startswith("/*", at):
        return _problem(text, at, "a comment without an end", "not-json", 'close it with "*/"')
    if text[at : at + 1] == "\ufeff":
        return _problem(
            text, at, "a byte-order mark inside the text", "not-json",
            "read the file as bytes, or as utf-8-sig",
        )  # fmt: skip
    if reason.startswith("Illegal trailing comma"):
        # Python 3.13 and newer name the comma, older ones what follows it: one answer for all
        reason, at = "expecting value", at + 1 + len(text[at + 1 :]) - len(text[at + 1 :].lstrip())
    found = f", found {_shown(text[at:])}" if at < len(text) else ", found the end of the text"
    message = f"not JSON: {reason[:1].lower()}{reason[1:]}{found}"
    return _problem(text, at, message, "not-json", advice_for_text(text))


def _shown(text: str) -> str:
    line = text.split("\n", 1)[0]
    return repr(line if len(line) <= 20 else line[:20] + "…")


def _number_place(text: str) -> int:
    """The offset of the number that Jackson refuses."""
    for token in tokens(text):
        if token[0] in ("NaN", "Infinity", "-Infinity") or (
            len(token[0]) > _MAX_NUMBER_CHARS and token[0][0] in "-0123456789"
        ):
            return token.start()
    return 0


def _check_nesting(text: str) -> None:
    offset = deeper_than(text, MAX_NESTING)
    if offset is not None:
        raise _problem(
            text, offset, f"nested deeper than {MAX_NESTING} levels", "too-deep",
            "name the inner types and refer to them",
        )  # fmt: skip


def _problem(
    text: str, at: int, message: str, code: str, advice: str | None = None
) -> SchemaParseError:
    return SchemaParseError([Problem(message, code, ROOT, *Tree(text).position(at), advice)])
