"""What the routes about configuration, mode, contexts and the server itself answer."""

from __future__ import annotations

from schemareg.avro.schema import JsonValue
from schemareg.registry.api.contexts import DEFAULT_CONTEXT, context_of_path
from schemareg.registry.api.error_codes import ErrorCode
from schemareg.registry.server import bodies, shapes
from schemareg.registry.server.answer import Answer, NoContent
from schemareg.registry.server.auth.rights import Right
from schemareg.registry.server.call import Call
from schemareg.registry.service import settings
from schemareg.registry.service import versions as stored_versions

# the server itself


def nothing(call: Call) -> Answer:
    return {}


def types(call: Call) -> Answer:
    return ["AVRO"]


def cluster_id(call: Call) -> Answer:
    clusters: JsonValue = {
        "kafka-cluster": "schemareg",
        "schema-registry-cluster": "schema-registry",
    }
    return {"scope": {"path": [], "clusters": clusters}}


def server_version(call: Call) -> Answer:
    return {"version": call.session.profile.release, "commitId": call.session.profile.commit_id}


def deployment(call: Call) -> Answer:
    return {"attributes": []}


# configuration


def _settings_subject(call: Call) -> str | None:
    return call.path.get("subject")


def config(call: Call) -> Answer:
    return shapes.config_object(
        settings.get_config(
            call.session,
            _settings_subject(call),
            default_to_global=call.flag("defaultToGlobal"),
        )
    )


def set_config(call: Call) -> Answer:
    wanted = bodies.config_body(call.body, call.operation)
    alias = wanted.get("alias")
    if isinstance(alias, str) and alias:
        call.need(Right.CONFIG, alias)  # a request to the alias acts on its target
    stored = settings.set_config(call.session, _settings_subject(call), wanted)
    return shapes.updated_config_object(stored)


def delete_config(call: Call) -> Answer:
    return shapes.config_object(settings.delete_config(call.session, _settings_subject(call)))


def mode(call: Call) -> Answer:
    found = settings.get_mode(
        call.session, _settings_subject(call), default_to_global=call.flag("defaultToGlobal")
    )
    return {"mode": str(found)}


def set_mode(call: Call) -> Answer:
    wanted = bodies.mode_body(call.body, call.operation)
    settings.set_mode(call.session, _settings_subject(call), wanted, force=call.flag("force"))
    return {"mode": wanted}


def delete_mode(call: Call) -> Answer:
    old = settings.delete_mode(
        call.session, _settings_subject(call), recursive=call.flag("recursive")
    )
    return {} if old is None else {"mode": str(old)}


# contexts


def contexts(call: Call) -> Answer:
    prefix = call.word("contextPrefix") or ""
    names = [name for name in call.session.tables.contexts() if name.startswith(prefix)]
    return call.paged(names)


def delete_context(call: Call) -> Answer:
    name = context_of_path(call.path["context"])
    if name is None:
        raise ErrorCode.BAD_REQUEST.refusal(
            f"Context name '{call.path['context']}' cannot contain a colon"
        )
    if name == DEFAULT_CONTEXT:
        raise ErrorCode.METHOD_NOT_ALLOWED.refusal()
    stored_versions.delete_context(call.session, name)
    return NoContent()
