"""The query parameters that several routes have."""

from __future__ import annotations

from schemareg.registry.server.route import Parameter

SUBJECT = Parameter(
    "subject", "string", "the subject in whose context the id is; `:.ctx:` for a whole context"
)
DELETED = Parameter("deleted", "boolean", "include soft-deleted versions")
DELETED_ONLY = Parameter("deletedOnly", "boolean", "soft-deleted ones only")
AS_NEGATIVE = Parameter("deletedAsNegative", "boolean", "soft-deleted versions, negated")
OFFSET = Parameter("offset", "integer", "how many to skip")
LIMIT = Parameter("limit", "integer", "how many to return at most; 0 and below: all")
FORMAT = Parameter("format", "string", "`resolved` writes referenced types into the schema")
REFERENCE_FORMAT = Parameter(
    "referenceFormat", "string", "`qualified` spells subjects of references with their context"
)
FIND_TAGS = Parameter("findTags", "strings", "tags to look for in the schema, `*` for any")
NORMALIZE = Parameter("normalize", "boolean", "normalize the schema first")
PERMANENT = Parameter("permanent", "boolean", "delete permanently; needs a soft delete before")
VERBOSE = Parameter("verbose", "boolean", "explain the answer")
TO_GLOBAL = Parameter("defaultToGlobal", "boolean", "the value in force where the subject has none")
FORCE = Parameter("force", "boolean", "even though schemas are registered")
RECURSIVE = Parameter("recursive", "boolean", "of every subject in the context too")
PREFIX = Parameter("subjectPrefix", "string", "prefix of subjects; after `:*:` in any context")
PAGE = (OFFSET, LIMIT)
