"""The clients against real registries: typed answers, the same from the sync and the async one."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from schemareg.avro.schema import JsonValue, Record
from schemareg.errors import IncompatibleSchemaError, RegistryError
from schemareg.registry import Patience, RegistryClient, connect, fetch_schema
from schemareg.registry.api.types import (
    Association,
    AssociationChange,
    Config,
    ConfigChange,
    ContextId,
    ElementTags,
    Lifecycle,
    Metadata,
    Mode,
    RegisteredSchema,
    Registry,
    ResourceChanges,
    ResourceQuery,
    ResourceResult,
    RuleSet,
    SubjectVersion,
)
from schemareg.registry.client.operations import Scripts
from schemareg.registry.client.script import Script
from schemareg.registry.server.embedded import EmbeddedRegistry
from schemareg.registry.service.profile import PROFILE_7
from schemareg.subjects import CompatibilityLevel, Reference, SchemaId, Subject, Version
from tests.registry_contract.backends import BACKENDS, Backend, Runs
from tests.registry_contract.contract import fill
from tests.registry_contract.drivers import OURS
from tests.registry_contract.texts import (
    A_RENAMED,
    ADDRESS,
    B_REQUIRED,
    COUPLE,
    EMPTY,
    PERSON,
    V1,
    V2,
    V3,
)

CORE = pytest.mark.parametrize(
    "backend",
    [
        pytest.param(b, id=b.name, marks=[pytest.mark.java] if b.needs_java else [])
        for b in BACKENDS
    ],
)


@pytest.fixture
def client(backend: Backend, runs: Runs) -> Iterator[RegistryClient]:
    registry = runs.shared(backend)
    client = connect(registry.url, transport=registry.transport)
    yield client
    if registry.transport is None:
        # a transport that was lent is closed by its owner
        client.close()


def texts(token: str) -> Callable[[str], str]:
    return lambda text: fill(text, {"ns": f"n{token}"})


@CORE
def test_a_schemas_life(client: RegistryClient) -> None:
    token = uuid.uuid4().hex[:8]
    subject, t = Subject(f"life/{token} ä"), texts(token)

    first = client.register(subject, t(V1))
    assert (first.subject, first.version) == (subject, 1)
    assert client.register(subject, t(V1)) == first
    assert client.lookup(subject, t(V1)).id == first.id
    assert client.get_schema(first.id).text == first.text
    assert client.get_version(subject, Version(1)).id == first.id

    assert client.check_compatibility(subject, t(V2)).is_compatible
    second = client.register(subject, t(V2))
    assert second.version == 2
    assert client.get_version(subject, "latest").version == 2
    assert client.get_versions(subject) == (1, 2)
    assert subject in client.get_subjects()

    assert not client.check_compatibility(subject, t(B_REQUIRED), version=Version(1)).is_compatible
    with pytest.raises(IncompatibleSchemaError) as refused:
        client.register(subject, t(A_RENAMED))
    assert refused.value.status == 409

    client.set_level(CompatibilityLevel.FULL, subject)
    assert client.get_level(subject) is CompatibilityLevel.FULL
    assert client.get_level() is CompatibilityLevel.BACKWARD
    assert not client.check_compatibility(subject, t(EMPTY)).is_compatible

    assert client.delete_version(subject, Version(1)) == 1
    assert client.get_versions(subject) == (2,)
    assert client.get_versions(subject, deleted=True) == (1, 2)
    assert client.delete_version(subject, Version(1), permanent=True) == 1
    assert client.delete_subject(subject) == (2,)
    with pytest.raises(RegistryError) as gone:
        client.get_versions(subject)
    assert (gone.value.code, gone.value.status) == (40401, 404)
    revived = client.register(subject, t(V2))
    assert (revived.id, revived.version) == (second.id, 3)


@CORE
def test_references_resolve_into_one_schema(client: RegistryClient) -> None:
    token = uuid.uuid4().hex[:8]
    t = texts(token)
    address, person, couple = (Subject(f"{name}-{token}") for name in ("address", "person", "c"))
    client.register(address, t(ADDRESS))
    to_address = Reference(t("<ns>.Address"), address, Version(1))
    client.register(person, t(PERSON), references=[to_address])
    to_person = Reference(t("<ns>.Person"), person, Version(1))
    both = client.register(couple, t(COUPLE), references=[to_person])

    schema = client.fetch_schema(couple, "latest")
    assert isinstance(schema.root, Record)
    assert schema.root.fullname == t("<ns>.Couple")
    assert [list(s.names) for s in schema.references] == [[t("<ns>.Person")]]
    assert [list(s.names) for s in schema.references[0].references] == [[t("<ns>.Address")]]
    assert client.fetch_schema_by_id(both.id).root.fullname == t("<ns>.Couple")  # type: ignore[union-attr]  # a record
    assert fetch_schema(client, couple, Version(1)).references[0].names.keys() == {t("<ns>.Person")}
    assert client.get_referenced_by(person, Version(1)) == (both.id,)
    with pytest.raises(RegistryError) as held:
        client.delete_subject(person)
    assert held.value.code == 42206


S = Subject("s")
T = texts("0")
TAGS = Metadata(tags={"**.a": ("PII",)}, properties={"owner": "x"}, sensitive=("owner",))


@OURS
def test_schemas_by_id_and_guid(driver: Callable[[], Any]) -> None:
    def story(c: Scripts) -> Script[None]:
        first = yield from c.register(S, T(V1))
        yield from c.register(Subject("other"), T(V1))
        assert first.guid is not None
        assert (yield from c.get_schema_text(first.id)) == T(V1)
        assert set((yield from c.get_schema_subjects(first.id))) == {"s", "other"}
        assert set((yield from c.get_schema_versions(first.id))) == {
            SubjectVersion(S, Version(1)),
            SubjectVersion(Subject("other"), Version(1)),
        }
        assert (yield from c.get_schema_by_guid(first.guid)).text == T(V1)
        assert (yield from c.get_guid_ids(first.guid)) == (ContextId(".", first.id),)
        assert "AVRO" in (yield from c.get_schema_types())
        assert (yield from c.get_version_text(S, "latest")) == T(V1)
        listed = yield from c.get_schemas(prefix="oth", latest_only=True)
        assert [(each.subject, each.version, each.id) for each in listed] == [
            ("other", 1, first.id)
        ]

    with driver() as run:
        run(story)


@OURS
def test_pages_and_deleted_versions(driver: Callable[[], Any]) -> None:
    def story(c: Scripts) -> Script[None]:
        for text in (V1, V2, V3):
            yield from c.register(S, T(text))
        yield from c.register(Subject("t"), T(V1))
        assert (yield from c.get_subjects(limit=1)) == ("s",)
        assert (yield from c.get_subjects(offset=1)) == ("t",)
        assert (yield from c.get_versions(S, offset=1, limit=1)) == (2,)
        assert (yield from c.delete_version(S, "latest")) == 3
        assert (yield from c.get_versions(S, deleted_only=True)) == (3,)
        deleted = yield from c.get_version(S, Version(3), deleted=True)
        assert deleted.deleted
        assert (yield from c.delete_subject(Subject("t"))) == (1,)
        assert (yield from c.get_subjects(deleted_only=True)) == ("t",)
        assert (yield from c.get_subjects(deleted=True)) == ("s", "t")
        assert (yield from c.delete_subject(Subject("t"), permanent=True)) == (1,)
        assert (yield from c.get_subjects(deleted=True)) == ("s",)

    with driver() as run:
        run(story)


@OURS
def test_metadata_travels_both_ways(driver: Callable[[], Any]) -> None:
    def story(c: Scripts) -> Script[None]:
        registered = yield from c.register(S, T(V1), metadata=TAGS)
        assert registered.metadata == TAGS
        assert (yield from c.get_version(S, Version(1))).metadata == TAGS
        found = yield from c.get_version_with_metadata(S, {"owner": "x"})
        assert found.version == 1
        assert (yield from c.lookup(S, T(V1), metadata=TAGS)).version == 1

    with driver() as run:
        run(story)


@OURS
def test_tags_are_added_and_found(driver: Callable[[], Any]) -> None:
    def story(c: Scripts) -> Script[None]:
        pii = ElementTags("n0.R.a", "field", ("PII",))
        own = ElementTags("n0.R", "record", ("OWN",))
        first = yield from c.register(S, T(V1), tags_to_add=[pii])
        assert (yield from c.get_tags(S, "latest")) == (pii,)
        assert (yield from c.get_tags(S, "latest", find=["OTHER"])) == ()
        assert (yield from c.get_version(S, "latest")).tags == ()
        second = yield from c.change_tags(S, first.version, add=[own], remove=[pii])
        assert second.version == 2
        assert (yield from c.get_tags(S, Version(2))) == (own,)

    with driver() as run:
        run(story)


def test_tags_where_the_registry_tells_only_the_id() -> None:
    with EmbeddedRegistry(profile=PROFILE_7) as registry, connect(registry.url) as client:
        pii = ElementTags("n0.R.a", "field", ("PII",))
        assert client.register(S, T(V1), tags_to_add=[pii]).version == 1
        assert client.get_tags(S, "latest") == (pii,)


def test_rule_sets_where_the_registry_keeps_them() -> None:
    rule = {"name": "r", "kind": "CONDITION", "mode": "WRITE", "type": "CEL", "expr": "true"}
    rules: RuleSet = {"domainRules": [dict[str, JsonValue](rule)]}
    with EmbeddedRegistry(keep_rule_sets=True) as registry, connect(registry.url) as client:
        registered = client.register(S, T(V1), rule_set=rules)
        match registered.rule_set:
            case {"domainRules": [{"name": "r", "type": "CEL", "expr": "true"}]}:
                pass
            case other:
                pytest.fail(f"these are not the rules that were registered: {other}")
        assert client.get_version(S, Version(1)).rule_set == registered.rule_set
        assert client.lookup(S, T(V1), rule_set=rules).version == 1
        assert client.get_schema(registered.id).rule_set == registered.rule_set
        changed = client.set_config(ConfigChange(default_rule_set=rules), S)
        assert changed.default_rule_set is not None


@OURS
def test_configuration(driver: Callable[[], Any]) -> None:
    def story(c: Scripts) -> Script[None]:
        full = CompatibilityLevel.FULL
        assert (yield from c.set_config(ConfigChange(level=full, normalize=True), S)) == Config(
            level=full, normalize=True
        )
        changed = yield from c.set_config(
            ConfigChange(normalize=None, compatibility_group="g", override_metadata=TAGS), S
        )
        assert changed == Config(level=full, compatibility_group="g", override_metadata=TAGS)
        assert (yield from c.get_config(S)) == changed
        assert (yield from c.delete_config(S)) == changed
        with pytest.raises(RegistryError) as unset:
            yield from c.get_config(S)
        assert unset.value.code == 40408
        assert (yield from c.get_config(S, default_to_global=True)) == Config(
            level=CompatibilityLevel.BACKWARD
        )
        yield from c.set_level(CompatibilityLevel.NONE)
        assert (yield from c.get_level(S)) is CompatibilityLevel.NONE

    with driver() as run:
        run(story)


@OURS
def test_mode_and_import(driver: Callable[[], Any]) -> None:
    def story(c: Scripts) -> Script[None]:
        assert (yield from c.get_mode()) is Mode.READWRITE
        assert (yield from c.set_mode(Mode.IMPORT, S)) is Mode.IMPORT
        imported = yield from c.register(S, T(V1), id=SchemaId(40), version=Version(4))
        assert (imported.id, imported.version) == (40, 4)
        assert (yield from c.set_mode(Mode.READONLY, S, force=True)) is Mode.READONLY
        with pytest.raises(RegistryError) as read_only:
            yield from c.register(S, T(V2))
        assert read_only.value.code == 42205
        assert (yield from c.delete_mode(S)) is Mode.READONLY
        assert (yield from c.register(S, T(V2))).version == 5
        assert (yield from c.set_mode(Mode.READONLY, S)) is Mode.READONLY
        assert (yield from c.delete_mode(S, recursive=True)) is None

    with driver() as run:
        run(story)


@OURS
def test_contexts_and_the_server_itself(driver: Callable[[], Any]) -> None:
    def story(c: Scripts) -> Script[None]:
        yield from c.ping()
        apart = Subject(":.apart:s")
        yield from c.register(S, T(V1))
        there = yield from c.register(apart, T(V2))
        assert (there.subject, there.id) == (apart, 1)
        assert (yield from c.get_schema(there.id, subject=apart)).text == T(V2)
        assert (yield from c.get_schema(there.id)).text == T(V1)
        assert (yield from c.get_contexts()) == (".", ".apart")
        assert (yield from c.get_subjects(prefix=":.apart:")) == (apart,)
        yield from c.delete_subject(apart)
        yield from c.delete_subject(apart, permanent=True)
        yield from c.delete_context(".apart")
        assert (yield from c.get_contexts()) == (".",)
        assert "schema-registry-cluster" in (yield from c.get_cluster_ids())
        assert (yield from c.get_server_version())["version"]
        assert (yield from c.get_deployment()) == ()
        assert (yield from c.get_associations(S)) == ()
        weak = AssociationChange(subject=S)
        frozen = AssociationChange("key", text=T(V1), normalize=True)
        created = yield from c.create_associations("topic", [weak], resource_id="1")
        assert created == (
            Association(S, "value", "topic", "-", "1", "topic", "WEAK", frozen=False),
        )
        (stored,) = yield from c.get_associations(S, lifecycle=Lifecycle.WEAK)
        assert stored.guid
        assert replace(stored, guid=None) == created[0]
        assert (yield from c.get_associations_by_id("1", association_type="key")) == ()
        changed = yield from c.set_associations(
            "1", "topic", [AssociationChange(lifecycle=Lifecycle.STRONG)]
        )
        assert [each.lifecycle for each in changed] == ["STRONG"]
        yield from c.create_associations("topic", [frozen], namespace="ns", resource_id="2")
        (key,) = yield from c.get_resource_associations("topic", "ns")
        assert (key.subject, key.frozen) == (":.ns:topic-key", True)
        with pytest.raises(RegistryError, match="40908"):
            yield from c.delete_associations("2")
        yield from c.delete_associations("2", cascade_lifecycle=True)
        yield from c.delete_associations("1", association_type="value", dry_run=True)
        yield from c.delete_associations("1")
        with pytest.raises(RegistryError, match="40410"):
            yield from c.delete_associations("1")
        assert (yield from c.get_resource_associations("topic")) == ()
        changes = [
            ResourceChanges("3", "three", (weak, AssociationChange("key", text=T(V1)))),
            ResourceChanges("4", "four", (weak,), "delete"),
            ResourceChanges("5", "five", (AssociationChange(),), "create"),
        ]
        done, nothing, wrong = yield from c.change_associations(changes)
        assert [(each.association_type, each.lifecycle) for each in done.associations] == [
            ("key", "STRONG"),
            ("value", "WEAK"),
        ]
        assert (nothing.error_code, wrong.error_code) == (None, 42212)
        queries = [ResourceQuery("3", association_types=("key",)), ResourceQuery(name="none")]
        three, none = yield from c.get_many_associations(queries)
        assert [each.association_type for each in three.associations] == ["key"]
        assert none == ResourceResult()
        yield from c.delete_associations("3", cascade_lifecycle=True)
        topic = c.get_resource_associations("t", resource_type="topic", association_type="value")
        assert (yield from topic) == ()
        assert (yield from c.get_max_id(SchemaId(1))) == 1

    with driver() as run:
        run(story)


def test_client_in_a_context_sees_that_context_only() -> None:
    with EmbeddedRegistry() as registry:
        with connect(registry.url, context="apart") as inside:
            inside.register(Subject("address"), T(ADDRESS))
            to_address = Reference(T("<ns>.Address"), Subject("address"), Version(1))
            inside.register(S, T(PERSON), references=[to_address])
            assert inside.get_subjects() == (":.apart:address", ":.apart:s")
            assert list(inside.fetch_schema(S, 1).references[0].names) == [T("<ns>.Address")]  # type: ignore[arg-type]  # a version is an int
        with connect(registry.url) as outside:
            assert outside.get_subjects(prefix=":.:") == ()
            qualified = Subject(":.apart:s")
            assert list(outside.fetch_schema(qualified, "latest").names) == [T("<ns>.Person")]


def test_register_answers_alike_where_the_registry_tells_only_the_id() -> None:
    with EmbeddedRegistry(profile=PROFILE_7) as registry, connect(registry.url) as client:
        registered = client.register(S, T(V1))
        assert registered == RegisteredSchema(S, Version(1), SchemaId(1), T(V1))
        with pytest.raises(IncompatibleSchemaError):
            client.register(S, T(A_RENAMED))


def test_client_meets_the_protocol_of_a_registry() -> None:
    def takes(registry: Registry) -> Registry:
        return registry

    with connect("http://registry.test", patience=Patience()) as client:
        assert takes(client) is client
