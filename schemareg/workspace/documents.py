"""Schema files as documents, by their suffix: `.avsc`, and what is translated from others."""

from __future__ import annotations

from schemareg.avro.idl.protocol import read_protocol
from schemareg.avro.parse.parser import Document, read_document
from schemareg.syntax import Tree, parse_text

SUFFIX = ".avsc"
PROTOCOL = ".avpr"
SUFFIXES = (SUFFIX, PROTOCOL)
NAMED_AS = "schema (*.avsc, *.avpr)"


def is_translated(path: str) -> bool:
    """Whether the schemas of a file at `path` are made from another language."""
    return path.lower().endswith(SUFFIXES[1:])


def read_source(path: str, raw: bytes) -> Document:
    """The document of the file at `path`, whose bytes are `raw`.

    Raises:
        SchemaParseError: it is not of its language.
    """
    return read_protocol(raw).document if path.lower().endswith(PROTOCOL) else read_document(raw)


def source_tree(document: Document) -> Tree:
    """The tree with the places in the file that `document` was read from."""
    return document.tree or parse_text(document.text)


def messages_of(path: str, raw: bytes) -> int:
    """How many messages a protocol at `path` has; 0 for any other file.

    Raises:
        SchemaParseError: as `read_source`.
    """
    return read_protocol(raw).messages if path.lower().endswith(PROTOCOL) else 0
