"""What the routes about schemas, subjects, versions and compatibility answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from schemareg.avro.schema import JsonValue
from schemareg.errors import IncompatibleSchemaError
from schemareg.limits import LIMITS
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.server import bodies, shapes
from schemareg.registry.server.answer import Admission, Answer, PlainObject, RawSchema
from schemareg.registry.server.association_answers import associated_schemas
from schemareg.registry.server.call import CONTEXT_OF_PATH, Call
from schemareg.registry.service import compatibility, lookup, reading, registering
from schemareg.registry.service import versions as stored_versions
from schemareg.registry.service.inlining import resolved_text
from schemareg.registry.service.reaching import schema_of
from schemareg.registry.service.requests import ReferenceRequest, SchemaRequest
from schemareg.registry.service.rules import changed_rules
from schemareg.registry.service.tags import find_tags
from schemareg.registry.store import AVRO, Content, Tables
from schemareg.subjects import VersionSelector

_LONGEST_SCHEMAS_PAGE = 1000

# schemas by id and guid


def _text(call: Call, content: Content) -> str:
    if call.word("format") == "resolved" and content.references:
        call.session.budget.spend(LIMITS.request_steps_at_once + 1)  # never between other requests
        return resolved_text(schema_of(call.session, content))
    return content.text


def _tags(call: Call, content: Content) -> list[JsonValue]:
    wanted = call.words("findTags")
    if not wanted or content.schema_type != AVRO:
        return []
    call.session.budget.spend_text(content.text)
    return find_tags(content.text, wanted)


def _qualify(call: Call) -> bool:
    return call.word("referenceFormat") == "qualified"


def _found(call: Call) -> reading.Found:
    found = reading.by_id(call.session, call.id, call.asked_subject)
    if found is None and (context := call.word(CONTEXT_OF_PATH)):
        # stock deserializers name a subject by their own strategy, which may not be the producer's
        found = reading.by_id(call.session, call.id, context)
    if found is None:
        raise ErrorCode.SCHEMA_ID_NOT_FOUND.refusal(call.id)
    return found


def schema(call: Call) -> Answer:
    found = _found(call)
    content = found.content
    answer = shapes.content_object(
        content,
        found.version,
        call.session.profile,
        text=_text(call, content),
        tags=_tags(call, content),
        qualify=_qualify(call),
        max_id=call.session.tables.last_id(content.context) if call.flag("fetchMaxId") else None,
    )
    return answer if content.rule_set else PlainObject(answer)


def schema_only(call: Call) -> Answer:
    return RawSchema(_text(call, _found(call).content))


def subjects_of_id(call: Call) -> Answer:
    versions = reading.versions_of_id(
        call.session, call.id, call.asked_subject, deleted=call.flag("deleted")
    )
    return call.paged(version.subject for version in versions)


def versions_of_id(call: Call) -> Answer:
    versions = reading.versions_of_id(
        call.session, call.id, call.asked_subject, deleted=call.flag("deleted")
    )
    return call.paged({"subject": v.subject, "version": v.version} for v in versions)


def schema_by_guid(call: Call) -> Answer:
    contents = reading.by_guid(call.session, call.path["guid"])
    if not contents:
        raise ErrorCode.SCHEMA_ID_NOT_FOUND.refusal(call.path["guid"])
    content = contents[0]
    found = reading.by_id(
        call.session, content.id, f":{content.context}:" if content.context != "." else None
    )
    return shapes.content_object(
        content,
        found.version if found else None,
        call.session.profile,
        text=_text(call, content),
        names_version=False,
    )


def ids_of_guid(call: Call) -> Answer:
    contents = reading.by_guid(call.session, call.path["guid"])
    return [{"context": content.context, "id": content.id} for content in contents]


def schemas(call: Call) -> Answer:
    prefix = call.word("subjectPrefix") or ""
    deleted, latest_only = call.flag("deleted"), call.flag("latestOnly")
    page = call.page(longest=_LONGEST_SCHEMAS_PAGE)
    profile = call.session.profile
    if any(call.words(name) for name in ("resourceType", "associationType", "lifecycle")):
        return associated_schemas(call, prefix, page)
    if call.flag("aliases"):
        aliased = reading.aliased_schemas(
            call.session, prefix, deleted=deleted, latest_only=latest_only, page=page
        )
        return [
            {**shapes.version_object(version, profile), **({"aliases": [*names]} if names else {})}
            for version, names in aliased
        ]
    versions = reading.schemas(
        call.session,
        prefix,
        deleted=deleted,
        latest_only=latest_only,
        rule_type=call.word("ruleType"),
        page=page,
    )
    return [shapes.version_object(version, profile) for version in versions]


# subjects and versions


def subjects(call: Call) -> Answer:
    names = reading.subjects(
        call.session,
        call.word("subjectPrefix"),
        deleted=call.flag("deleted"),
        deleted_only=call.flag("deletedOnly"),
        page=call.page(),
    )
    return list(names)


def look_up(call: Call) -> Answer:
    match = lookup.look_up(
        call.session,
        call.subject,
        bodies.schema_body(call.body, call.operation),
        normalize=call.flag("normalize"),
        deleted=call.flag("deleted"),
    )
    return shapes.version_object(
        match.version,
        call.session.profile,
        text=_text(call, match.version.content),
        with_time=match.by_row,
    )


def delete_subject(call: Call) -> Answer:
    return list(
        stored_versions.delete_subject(call.session, call.subject, permanent=call.flag("permanent"))
    )


def subject_metadata(call: Call) -> Answer:
    pairs = list(zip(call.words("key"), call.words("value"), strict=False))
    version = reading.with_properties(
        call.session, call.subject, pairs, deleted=call.flag("deleted")
    )
    return shapes.version_object(version, call.session.profile, text=_text(call, version.content))


def versions(call: Call) -> Answer:
    numbers = reading.version_numbers(
        call.session,
        call.subject,
        deleted=call.flag("deleted"),
        deleted_only=call.flag("deletedOnly"),
        deleted_as_negative=call.flag("deletedAsNegative")
        and call.session.profile.knows_later_routes,
    )
    return call.paged(numbers)


@contextmanager
def _hiding_texts(call: Call) -> Iterator[None]:
    """Inside the block a refusal shows nothing of schemas that the principal may not read."""
    try:
        yield
    except IncompatibleSchemaError as error:
        if call.shows_texts:
            raise
        why = "the reasons are shown to those who may read the subject"
        raise ErrorCode.INCOMPATIBLE.refusal(call.subject, why) from error


def _registered(call: Call, done: registering.Registered) -> Answer:
    if not call.shows_texts:
        return {"id": done.match.version.content.id}
    answer = shapes.registered_object(done, call.session.profile)
    return answer if done.match.version.content.rule_set else PlainObject(answer)


def judged(call: Call) -> Answer | Admission:
    """What register answers for a schema that is registered, or how a new one is stored."""
    with _hiding_texts(call):
        found = registering.judge(
            call.session,
            call.subject,
            bodies.schema_body(call.body, call.operation),
            normalize=call.flag("normalize"),
        )
    if isinstance(found, registering.Registered):
        return _registered(call, found)
    admitted = found

    def store(tables: Tables) -> Answer:
        session = replace(call.session, tables=tables, known={})
        return _registered(call, registering.store(session, admitted))

    return Admission(str(admitted.subject) if admitted.depends_on_subject_only else None, store)


def known(call: Call) -> Answer | None:
    """What register answers for a schema that is registered already; None where it is not."""
    found = registering.find_registered(
        call.session,
        call.subject,
        bodies.schema_body(call.body, call.operation),
        normalize=call.flag("normalize"),
    )
    return _registered(call, found) if found else None


def register(call: Call) -> Answer:
    with _hiding_texts(call):
        done = registering.register(
            call.session,
            call.subject,
            bodies.schema_body(call.body, call.operation),
            normalize=call.flag("normalize"),
        )
    return _registered(call, done)


def version(call: Call) -> Answer:
    found = reading.version_of(
        call.session, call.subject, call.version, deleted=call.flag("deleted")
    )
    answer = shapes.version_object(
        found,
        call.session.profile,
        text=_text(call, found.content),
        tags=_tags(call, found.content),
        qualify=_qualify(call),
    )
    return answer if found.content.rule_set else PlainObject(answer)


def version_schema(call: Call) -> Answer:
    found = reading.version_of(
        call.session, call.subject, call.version, deleted=call.flag("deleted")
    )
    return RawSchema(_text(call, found.content))


def referenced_by(call: Call) -> Answer:
    ids = reading.referrers(call.session, call.subject, call.version, deleted=call.flag("deleted"))
    return call.paged(ids)


def delete_version(call: Call) -> Answer:
    return stored_versions.delete_version(
        call.session, call.subject, call.version, permanent=call.flag("permanent")
    )


def change_tags(call: Call) -> Answer:
    request = bodies.tags_body(call.body, call.operation)
    base = reading.version_of(call.session, call.subject, call.version)
    newest = call.session.tables.latest(str(call.subject))
    number = request.version or (1 + newest.version if newest else 0)
    tagged = replace(
        request,
        text=base.content.text,
        references=tuple(
            ReferenceRequest(r.name, r.subject, r.version) for r in base.content.references
        ),
        metadata=request.metadata or base.content.metadata,
        rule_set=changed_rules(
            base.content.rule_set if request.rule_set is None else request.rule_set,
            request.rules_to_merge,
            request.rules_to_remove,
        ),
        version=number,
    )
    with _hiding_texts(call):
        done = registering.register(call.session, call.subject, tagged, normalize=False)
    return _registered(call, done)


# compatibility


def _check(call: Call, version: VersionSelector | None) -> Answer:
    request: SchemaRequest = bodies.schema_body(call.body, call.operation)
    verbose = call.flag("verbose")
    found = compatibility.check(
        call.session,
        call.subject,
        request,
        version=version,
        normalize=call.flag("normalize"),
        verbose=verbose,
    )
    answer: dict[str, JsonValue] = {"is_compatible": not found}
    if verbose:
        answer["messages"] = list(found)
    return answer


def check_version(call: Call) -> Answer:
    return _check(call, call.version)


def check_versions(call: Call) -> Answer:
    return _check(call, None)
