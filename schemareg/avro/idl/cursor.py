"""A cursor over the tokens of Avro IDL, with the places of what was read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from schemareg.avro.idl.tokens import Token, idl_tokens, refusal, shown
from schemareg.avro.parse.translated import Places
from schemareg.errors import SchemaParseError
from schemareg.places import Range

MAX_DEPTH = 100


class Reader:
    """The tokens of `source` one after the other. `places` has those of the values made of it."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.places = Places()
        self.tokens = list(idl_tokens(source))
        self.at = 0
        self.depth = 0

    def peek(self, ahead: int = 0) -> Token:
        """The token that comes next, or the one that is `ahead` of it."""
        return self.tokens[min(self.at + ahead, len(self.tokens) - 1)]

    def next(self) -> Token:
        token = self.peek()
        self.at = min(self.at + 1, len(self.tokens))
        return token

    def takes(self, text: str) -> bool:
        """Whether the sign or keyword `text` came next, which then is read."""
        token = self.peek()
        if token.kind in ("sign", "word") and token.text == text:
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> Token:
        """The sign or keyword `text`, which must come next."""
        token = self.next()
        if token.kind not in ("sign", "word") or token.text != text:
            raise self.unexpected(token, repr(text))
        return token

    def identifier(self, what: str) -> Token:
        """The word that must come next as the name of `what`."""
        token = self.next()
        if token.kind != "word":
            raise self.unexpected(token, f"the name of {what}")
        return token

    def unexpected(self, token: Token, expected: str) -> SchemaParseError:
        """The error of a `token` in the place of something else."""
        found = "the end of the text" if token.kind == "end" else shown(token.text)
        message = f"expected {expected}, found {found}"
        return self.refusal(token, message, "correct it, as the IDL of Avro has it")

    def refusal(self, token: Token, message: str, advice: str) -> SchemaParseError:
        return refusal(self.source, token.at.start, message, advice)

    def since(self, start: int) -> Range:
        """From the character `start` to the end of what was read last."""
        return Range(start, max(start, self.tokens[self.at - 1].at.end if self.at else 0))

    @contextmanager
    def nested(self, token: Token) -> Iterator[None]:
        """One level deeper inside, which begins at `token`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            message = f"nested deeper than {MAX_DEPTH} levels"
            raise self.refusal(token, message, "name the inner types and refer to them")
        yield
        self.depth -= 1
