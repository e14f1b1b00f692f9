"""JSON texts as lossless, error-tolerant trees: ranges, edits and layout; knows no Avro."""

from schemareg.syntax.edits import Insert, Remove, Rename, Replace, TextEdit
from schemareg.syntax.layout import format_text, same_tokens
from schemareg.syntax.node import Node
from schemareg.syntax.tokens import blank_comments, deeper_than, tokens
from schemareg.syntax.tree import Tree, parse_text

__all__ = [
    "Insert",
    "Node",
    "Remove",
    "Rename",
    "Replace",
    "TextEdit",
    "Tree",
    "blank_comments",
    "deeper_than",
    "format_text",
    "parse_text",
    "same_tokens",
    "tokens",
]
