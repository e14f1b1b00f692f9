"""JSON values in Avro IDL: of annotations and of defaults."""

from __future__ import annotations

import re

from schemareg.avro.idl.cursor import Reader
from schemareg.avro.idl.tokens import Token, refusal
from schemareg.avro.schema import JsonDict, JsonValue
from schemareg.places import Range

_ESCAPE = re.compile(r"\\(u+[0-9a-fA-F]{4}|[0-3]?[0-7]{1,2}|.)", re.DOTALL)
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}
_WORDS: dict[str, JsonValue] = {"null": None, "true": True, "false": False}
_NOT_FINITE = {"NaN", "Infinity", "-Infinity", "-NaN"}
_MAX_DIGITS = 1000


def read_value(reader: Reader) -> JsonValue:
    """The JSON value that comes next; numbers may be Java's."""
    token = reader.next()
    match token.kind, token.text:
        case "sign", "{":
            return _object(reader, token)
        case "sign", "[":
            return _array(reader, token)
        case "text", _:
            return text_of(reader, token)
        case (("number" | "word"), text) if text in _NOT_FINITE:
            return text
        case "number", _:
            return _number(reader, token)
        case "word", text if text in _WORDS:
            return _WORDS[text]
        case _:
            raise reader.unexpected(token, "a JSON value")


def text_of(reader: Reader, token: Token) -> str:
    """The characters of a text token."""
    text = _ESCAPE.sub(_escaped, token.text[1:-1])
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError as error:
        message = "the text holds half of a character"
        advice = r"write both halves (\ud83d\ude00), or the character itself"
        raise refusal(reader.source, token.at.start, message, advice) from error


def _escaped(match: re.Match[str]) -> str:
    escape = match[1]
    if escape[0] == "u" and len(escape) > 1:
        return chr(int(escape[-4:], 16))
    return chr(int(escape, 8)) if escape[0] in "01234567" else _ESCAPES.get(escape, escape)


def _number(reader: Reader, token: Token) -> JsonValue:
    text = token.text
    if len(text) > _MAX_DIGITS:
        message = f"a number of {len(text)} characters; {_MAX_DIGITS} is the most"
        raise refusal(reader.source, token.at.start, message, "write a shorter number")
    sign = -1 if text[0] == "-" else 1
    digits = text.lstrip("+-")
    if digits[:2] in ("0x", "0X"):
        return sign * int(digits.rstrip("lL"), 16)
    digits = digits.rstrip("lLfFdD")
    if digits.isdecimal() and text[-1] not in "fFdD":
        is_octal = digits[0] == "0" and not set(digits) & {"8", "9"}
        return sign * int(digits, 8 if is_octal else 10)
    value = sign * float(digits)
    if value in (float("inf"), float("-inf")):
        raise refusal(reader.source, token.at.start, f"{text} is no double", "write a smaller one")
    return value


def _array(reader: Reader, start: Token) -> JsonValue:
    items: list[JsonValue] = []
    with reader.nested(start):
        while not reader.takes("]"):
            if items:
                reader.expect(",")
            at = reader.peek().at.start
            items.append(read_value(reader))
            reader.places.of_member[id(items), len(items) - 1] = (reader.since(at), None)
    reader.places.of_value[id(items)] = reader.since(start.at.start)
    return items


def _object(reader: Reader, start: Token) -> JsonDict:
    members: JsonDict = {}
    with reader.nested(start):
        while not reader.takes("}"):
            if members:
                reader.expect(",")
            key = reader.next()
            if key.kind != "text":
                raise reader.unexpected(key, "a key in quotes")
            reader.expect(":")
            at, name = reader.peek().at.start, text_of(reader, key)
            members[name] = read_value(reader)
            reader.places.of_member[id(members), name] = (
                reader.since(at),
                Range(key.at.start, key.at.end),
            )
    reader.places.of_value[id(members)] = reader.since(start.at.start)
    return members
