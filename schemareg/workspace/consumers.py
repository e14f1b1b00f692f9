"""The schemas that consumers read with, where they are not a registered version."""

from __future__ import annotations

from collections.abc import Iterable

from schemareg.avro import Schema, parse
from schemareg.errors import SchemaParseError, UsageError
from schemareg.lazy_dataclass import dataclass
from schemareg.subjects import Subject
from schemareg.suggestions import did_you_mean
from schemareg.workspace.config import Config
from schemareg.workspace.files import FileError, bounds_of, read_bytes
from schemareg.workspace.project_subjects import ProjectSubject
from schemareg.workspace.schema_files import SchemaFile


@dataclass(frozen=True, slots=True)
class ConsumerReader:
    """`consumer` reads `subject` with `schema`, which the file shown as `path` holds."""

    consumer: str
    subject: Subject
    path: str
    schema: Schema


def consumer_readers(
    config: Config, files: Iterable[SchemaFile], subjects: Iterable[ProjectSubject]
) -> tuple[ConsumerReader, ...]:
    """Every reader schema that the configuration names, parsed.

    A reader schema may use the types of `files` that it does not define itself.

    Raises:
        UsageError: a file that is not there, or a subject that the project does not have.
        SchemaParseError: a reader schema that is refused.
    """
    known = {subject.subject: subject for subject in subjects}
    files = tuple(files)
    within = bounds_of(config)
    found = []
    for consumer in config.consumers:
        for subject, path in consumer.reads.items():
            shown = config.shown(path)
            if subject not in known:
                raise UsageError(
                    f"consumers.{consumer.name}.reads: there is no subject {subject!r}",
                    advice=did_you_mean(subject, known),
                )
            try:
                text = read_bytes(path, shown, within=within)
            except FileError as error:
                raise UsageError(
                    f"consumers.{consumer.name}.reads: {shown}: {error.reason}",
                    advice=error.advice,
                ) from error
            found.append(
                ConsumerReader(
                    consumer.name,
                    subject,
                    shown,
                    read_beside(text, types_beside(known[subject], files), shown),
                )
            )
    return tuple(found)


def types_beside(subject: ProjectSubject, files: Iterable[SchemaFile]) -> list[Schema]:
    """The schemas of `files` that a reader of `subject` may use, those of its own module last.

    Of several types of one name the last counts.
    """
    ranks = {name: -at for at, name in enumerate(subject.modules)}
    seen = [file for file in files if file.modules[0] in ranks]
    return [file.schema for file in sorted(seen, key=lambda file: ranks[file.modules[0]])]


def read_beside(
    text: bytes, shared: Iterable[Schema], shown: str, *, avro_version: str = "1.12"
) -> Schema:
    """`text` parsed alone, or where it uses types of `shared`, with those it does not redefine.

    Raises:
        SchemaParseError: the text has problems, reported for the file shown as `shown`.
    """
    try:
        return parse(text, avro_version=avro_version)
    except SchemaParseError as alone:
        if any(problem.code != "unknown-type" for problem in alone.problems):
            raise alone.at(shown) from None
    try:
        return parse(text, avro_version=avro_version, references=tuple(shared))
    except SchemaParseError as error:
        raise error.at(shown) from None
