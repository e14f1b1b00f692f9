"""What holds for every route: media types, error bodies, unknown routes, request ids.

Source: confluent-schema-registry's RestApiTest (testHttpResponseHeaders) and rest-utils' exception
mappers, and what an 8.3.1 server was seen to answer.
"""

from __future__ import annotations

from tests.registry_contract.contract import Step, Story, Typed, error, get, ok, post, under
from tests.registry_contract.texts import V1

V1_TYPE = "application/vnd.schemaregistry.v1+json"

STORIES = [
    Story(
        "request_ids",
        [
            get("/", under(ok(), x_request_id="mine-1"), **{"x-request-id": "mine-1"}),
            get("/", under(ok(), x_request_id=Typed(str))),
            get("/nonexistent", under(error(404, 404), x_request_id="m"), **{"x-request-id": "m"}),
        ],
        whole=True,
    ),
    Story(
        "unknown_routes_and_methods",
        [
            get("/nonexistent", error(404, 404, "HTTP 404 Not Found")),
            get("/schemas/ids/abc", error(404, 404, "HTTP 404 Not Found")),
            Step("PUT", "/subjects", error(405, 405, "HTTP 405 Method Not Allowed"), {}),
            Step("PATCH", "/config", error(405, 405, "HTTP 405 Method Not Allowed"), {}),
        ],
    ),
    Story(
        "media_types",
        [
            get("/subjects", error(406, 406, "HTTP 406 Not Acceptable"), accept="text/html"),
            get(
                "/subjects",
                under(ok([]), content_type="application/json"),
                accept="application/json",
            ),
            get(
                "/subjects",
                under(ok([]), content_type="application/vnd.schemaregistry+json"),
                accept="application/vnd.schemaregistry+json",
            ),
            get("/subjects", under(ok([]), content_type=V1_TYPE), accept="*/*"),
            get(
                "/subjects",
                under(ok([]), content_type=V1_TYPE),
                accept="application/json;q=0.1, application/vnd.schemaregistry.v1+json",
            ),
            get(
                "/subjects/<s>/versions",
                under(error(404, 40401), content_type="application/json"),
                accept="application/json",
            ),
            Step(
                "POST",
                "/subjects/<s>/versions",
                error(415, 415, "HTTP 415 Unsupported Media Type"),
                {"schema": V1},
                headers={"content-type": "text/plain"},
            ),
            Step(
                "POST",
                "/subjects/<s>/versions",
                ok({"id": Typed(int)}),
                {"schema": V1},
                headers={"content-type": "application/octet-stream"},
            ),
        ],
        fresh=True,
    ),
    Story(
        "bodies_that_are_none",
        [
            Step("POST", "/subjects/<s>/versions", error(422, 422), raw=""),
            Step("POST", "/subjects/<s>/versions", error(422, 422), raw="null"),
            Step("POST", "/subjects/<s>/versions", error(400, 400), raw="{bad"),
            Step("POST", "/subjects/<s>/versions", error(400, 400), raw="[]"),
            Step("PUT", "/config/<s>", error(422, 422), raw=""),
            Step("POST", "/compatibility/subjects/<s>/versions/latest", error(422, 422), raw=""),
            post("/subjects/<s>/versions", {"schema": {"type": "string"}}, error(400, 400)),
            post(
                "/subjects/<s>/versions",
                {"schema": V1, "id": "x"},
                error(400, 400),
            ),
        ],
    ),
    Story(
        "trailing_slash",
        [
            get("/subjects/", ok([])),
            post("/subjects/<s>/versions/", {"schema": V1}, ok({"version": 1})),
            post(
                "/compatibility/subjects/<s>/versions/",
                {"schema": V1},
                ok({"is_compatible": True}),
            ),
        ],
        fresh=True,
    ),
]
