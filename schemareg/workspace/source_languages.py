"""Schema files as documents, by their suffix: `.avsc`, and what is translated from others."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from schemareg.avro.parse.parser import Document, read_document
from schemareg.syntax import Tree, parse_text

if TYPE_CHECKING:
    from schemareg.avro.idl.declarations import IdlFile
    from schemareg.avro.idl.protocol import Protocol

SUFFIX = ".avsc"
PROTOCOL = ".avpr"
IDL = ".avdl"
SUFFIXES = (SUFFIX, PROTOCOL, IDL)
NAMED_AS = "schema (*.avsc, *.avpr, *.avdl)"


def is_translated(path: str) -> bool:
    """Whether the schemas of a file at `path` are made from another language."""
    return path.lower().endswith(SUFFIXES[1:])


def read_source(path: str, raw: bytes) -> Document:
    """The document of the file at `path`, whose bytes are `raw`.

    Raises:
        SchemaParseError: it is not of its language.
    """
    language = _language(path)
    return read_document(raw) if language is None else language(raw).document


def source_tree(document: Document) -> Tree:
    """The tree with the places in the file that `document` was read from."""
    return document.tree or parse_text(document.text)


def messages_of(path: str, raw: bytes) -> int:
    """How many messages a protocol at `path` has; 0 for any other file.

    Raises:
        SchemaParseError: as `read_source`.
    """
    language = _language(path)
    return 0 if language is None else language(raw).messages


def imports_of(path: str, raw: bytes) -> tuple[str, ...]:
    """The paths that a file of Avro IDL at `path` imports, as written; none of any other file.

    Raises:
        SchemaParseError: as `read_source`.
    """
    if not path.lower().endswith(IDL) or b"import" not in raw:
        return ()
    from schemareg.avro.idl.declarations import read_idl

    return read_idl(raw).imports


def _language(path: str) -> Callable[[bytes], Protocol | IdlFile] | None:
    lower = path.lower()
    if lower.endswith(PROTOCOL):
        from schemareg.avro.idl.protocol import read_protocol

        return read_protocol
    if lower.endswith(IDL):
        from schemareg.avro.idl.declarations import read_idl

        return read_idl
    return None
