"""The errors of the Confluent API: one row each, with the number, the HTTP status and the text.

Source: Confluent, "Schema Registry API Reference", and answers recorded from 8.3.1 and 7.9.9.
"""

from __future__ import annotations

from enum import Enum

from schemareg.errors import IncompatibleSchemaError, RegistryError


class ErrorCode(Enum):
    """An error as it travels: `number` is its `error_code`, `template` is for `str.format`."""

    BAD_REQUEST = (400, 400, "{0}")
    NOT_FOUND = (404, 404, "HTTP 404 Not Found")
    METHOD_NOT_ALLOWED = (405, 405, "HTTP 405 Method Not Allowed")
    NOT_ACCEPTABLE = (406, 406, "HTTP 406 Not Acceptable")
    UNSUPPORTED_MEDIA_TYPE = (415, 415, "HTTP 415 Unsupported Media Type")
    MISSING_BODY = (422, 422, "{0}.request must not be null (was null)")
    INTERNAL = (500, 500, "Internal Server Error")

    SUBJECT_NOT_FOUND = (40401, 404, "Subject '{0}' not found.")
    VERSION_NOT_FOUND = (40402, 404, "Version {0} not found.")
    SCHEMA_NOT_FOUND = (40403, 404, "Schema not found")
    SCHEMA_ID_NOT_FOUND = (40403, 404, "Schema {0} not found")
    SUBJECT_SOFT_DELETED = (
        40404,
        404,
        "Subject '{0}' was soft deleted.Set permanent=true to delete permanently",
    )
    SUBJECT_NOT_SOFT_DELETED = (
        40405,
        404,
        "Subject '{0}' was not deleted first before being permanently deleted",
    )
    VERSION_SOFT_DELETED = (
        40406,
        404,
        "Subject '{0}' Version {1} was soft deleted.Set permanent=true to delete permanently",
    )
    VERSION_NOT_SOFT_DELETED = (
        40407,
        404,
        "Subject '{0}' Version {1} was not deleted first before being permanently deleted",
    )
    NO_SUBJECT_LEVEL = (
        40408,
        404,
        "Subject '{0}' does not have subject-level compatibility configured",
    )
    NO_SUBJECT_MODE = (40409, 404, "Subject '{0}' does not have subject-level mode configured")
    ASSOCIATION_NOT_FOUND = (40410, 404, "Association for '{0}' not found.")
    INCOMPATIBLE = (
        40901,
        409,
        'Schema being registered is incompatible with an earlier schema for subject "{0}", '
        "details: [{1}]",
    )
    RESOURCE_ASSOCIATED = (
        40903,
        409,
        "An association of type '{0}' already exists for resource '{1}'",
    )
    SUBJECT_ASSOCIATED = (40904, 409, "An association already exists for subject '{0}'")
    STRONGLY_ASSOCIATED = (40905, 409, "A strong association already exists for subject '{0}'")
    NO_ACTIVE_VERSION = (40907, 409, "No active (non-deleted) version exists for subject '{0}'")
    ASSOCIATION_FROZEN = (
        40908,
        409,
        "The association of type  '{0}' is frozen for subject '{1}'",
    )
    INVALID_SCHEMA = (42201, 422, "{0}")
    INVALID_VERSION = (
        42202,
        422,
        "The specified version '{0}' is not a valid version id. "
        'Allowed values are between [1, 2^31-1] and the string "latest"',
    )
    INVALID_LEVEL = (
        42203,
        422,
        "Invalid compatibility level. Valid values are none, backward, forward, full, "
        "backward_transitive, forward_transitive, and full_transitive",
    )
    INVALID_MODE = (
        42204,
        422,
        "Invalid mode. Valid values are READWRITE, READONLY, IMPORT and FORWARD.",
    )
    FORWARD_ONLY_GLOBAL = (42204, 422, "Forward mode only supported on global level")
    NOT_PERMITTED = (42205, 422, "{0}")
    REFERENCE_EXISTS = (
        42206,
        422,
        "One or more references exist to the schema "
        "{{magic=1,keytype=SCHEMA,subject={0},version={1}}}.",
    )
    INVALID_SUBJECT = (42208, 422, "The specified subject '{0}' is not a valid.")
    TOO_LARGE = (42209, 422, "Register operation failed because schema is too large")
    INVALID_RULE_SET = (42210, 422, "{0}")
    CONTEXT_NOT_EMPTY = (42211, 422, "The specified context '{0}' is not empty.")
    INVALID_ASSOCIATION = (
        42212,
        422,
        "The association specified an invalid value for property: '{0}', detail: {1}",
    )
    STORE_FAILED = (50001, 500, "Error in the backend data store: {0}")
    OPERATION_TIMED_OUT = (50002, 500, "Operation timed out; it may still take effect")
    FORWARDING_FAILED = (50003, 500, "Error while forwarding the request to the leader")
    NO_LEADER = (50004, 500, "Leader not known.")

    def __init__(self, number: int, status: int, template: str) -> None:
        self.number = number
        self.status = status
        self.template = template

    def refusal(self, *values: object) -> RegistryError:
        """The error to raise, its text filled with `values`."""
        kind = IncompatibleSchemaError if self is ErrorCode.INCOMPATIBLE else RegistryError
        return kind(self.template.format(*values), code=self.number, status=self.status)


def is_absent(error: RegistryError) -> bool:
    """The registry has no such subject, version, schema or setting.

    A 404 with another code comes from something that is no registry, or from a wrong path.
    """
    return error.status == 404 and 40400 < error.code < 40500
