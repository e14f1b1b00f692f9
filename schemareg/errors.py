"""The one error tree, and the exit code that each branch of it means.

SchemaregError                   exit
├─ UsageError                     2   usage error: option, configuration, path, git ref
├─ ContentError                   1   what was given to judge is bad
│  ├─ SchemaParseError            1   a schema text; `problems` holds all of them
│  ├─ EncodeError                 1   an event does not fit its schema
│  └─ DecodeError                 1   bytes do not fit the writer's schema, or cannot be resolved
│     └─ WireFormatError          1   not a message in Confluent's framing
├─ RegistryError                  3   a registry refused, for the reason in `code` and `status`
│  └─ IncompatibleSchemaError     1   409: the one refusal that is an answer
└─ ExternalFailureError              3   something outside failed
   ├─ RegistryUnavailableError    3   no answer, or rubbish, from a registry
   ├─ BrokerError                 3   Kafka is down or refuses
   ├─ DockerError                 3   no engine, no image, a container that does not start
   └─ GitError                    3   git itself is missing or broken

The classes are API; the words of a message are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from schemareg.lazy_dataclass import dataclass
from schemareg.places import ROOT, Location, Pointer


class ExitCode(IntEnum):
    """What the process answers its caller."""

    YES = 0
    NO = 1
    ASKED_WRONGLY = 2
    EXTERNAL_FAILURE = 3
    PLAN_STALE = 4
    CHANGES_PENDING = 10
    BUG = 70
    INTERRUPTED = 130


class SchemaregError(Exception):
    """Every expected failure; `str()` is one line for a person: what is wrong, with the value.

    `location` says where, `advice` what to do; both may be None.
    """

    exit_code: ExitCode = ExitCode.BUG

    def __init__(
        self, message: str, *, location: Location | None = None, advice: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.location = location
        self.advice = advice

    def __str__(self) -> str:
        place = f"{self.location}: " if self.location else ""
        advice = f"; {self.advice}" if self.advice else ""
        return f"{place}{self.message}{advice}"


class UsageError(SchemaregError):
    """A usage error: an option, a configuration, a path, a git ref, an empty directory."""

    exit_code = ExitCode.ASKED_WRONGLY


class NoSchemasError(UsageError):
    """There is no schema file where the project's are looked for."""


class FileUsageError(UsageError):
    """Everything wrong with one file, in its order; `str()` is the first of `errors`."""

    def __init__(self, errors: Sequence[UsageError]) -> None:
        self.errors = tuple(errors)
        first = self.errors[0]
        more = f" (and {len(self.errors) - 1} more)" if len(self.errors) > 1 else ""
        super().__init__(first.message + more, location=first.location, advice=first.advice)


class ContentError(SchemaregError):
    """What was given to judge is bad in itself."""

    exit_code = ExitCode.NO


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a schema text, at a place inside it.

    `code` is a stable word for the kind of problem (`unknown-type`, `invalid-default`, …).
    `line` and `column` count from 1; 0 where the place inside the text is not known.
    """

    message: str
    code: str = "invalid-schema"
    pointer: Pointer = ROOT
    line: int = 0
    column: int = 0
    advice: str | None = None


class SchemaParseError(ContentError):
    """A schema text that is refused; `problems` lists everything wrong with it, in text order."""

    def __init__(self, problems: Sequence[Problem], *, path: str | None = None) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        more = f" (and {len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
        super().__init__(
            first.message + more,
            location=Location(path, first.line, first.column, first.pointer),
            advice=first.advice,
        )

    def at(self, path: str) -> SchemaParseError:
        """The same refusal, for the file at `path`."""
        return SchemaParseError(self.problems, path=path)


class EncodeError(ContentError):
    """An event does not fit the schema it is written with."""


class DecodeError(ContentError):
    """Bytes do not fit the writer's schema, or the reader's schema cannot resolve them."""


class WireFormatError(DecodeError):
    """A message that is not framed as Confluent's serializers frame it."""


class RegistryError(SchemaregError):
    """A registry refused a request.

    `code` is the registry's `error_code` (an int that may be newer than we know), `status` the
    HTTP status, `request` names method and URL without credentials ("" in process).
    """

    exit_code = ExitCode.EXTERNAL_FAILURE

    def __init__(
        self,
        message: str,
        *,
        code: int,
        status: int,
        request: str = "",
        advice: str | None = None,
    ) -> None:
        super().__init__(message, advice=advice)
        self.code = code
        self.status = status
        self.request = request

    def __str__(self) -> str:
        request = f"{self.request}: " if self.request else ""
        advice = f"; {self.advice}" if self.advice else ""
        return f"{request}{self.status}/{self.code} {self.message}{advice}"


class IncompatibleSchemaError(RegistryError):
    """HTTP 409 on register: the schema clashes with a version registered before."""

    exit_code = ExitCode.NO


class ExternalFailureError(SchemaregError):
    """Something outside of this process failed."""

    exit_code = ExitCode.EXTERNAL_FAILURE


class RegistryUnavailableError(ExternalFailureError):
    """No answer from a registry, or one that is not the registry's protocol."""


class RegistryRouteMissingError(RegistryUnavailableError):
    """404 or 405 without the protocol's error body: another kind of registry, or none at all."""


class BrokerError(ExternalFailureError):
    """A Kafka broker is down, refuses, or does not answer in time."""


class DockerError(ExternalFailureError):
    """No Docker engine, no image, or a container that does not start."""


class GitError(ExternalFailureError):
    """git is missing or failed for a reason that is not the caller's."""
