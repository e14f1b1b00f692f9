"""Random requests over recorded shapes to this registry, for `scripts/walk-registry`.

The requests are those of the golden transcripts of real registries, in any order, with their
paths, parameters, headers and bodies mixed and damaged. None of them may end as a 5xx, as an answer
that is no JSON of the protocol, or without an answer; exit 1 names the request that did.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Literal

from schemareg.registry.server import create_app
from schemareg.registry.server.settings import ServerSettings
from schemareg.registry.store import Store

GOLDEN = Path(__file__).parents[1] / "golden"
REQUESTS_PER_STORE = 250
TIMEOUT_S = 30.0
ODD_WORDS = [
    "", "-1", "0", "1", "2", "99999999999", "latest", ":.c:s", ":.c:", ":*:", "%00", "%C3",
    "%2E%2E", "a%2Fb", "\u00e4", "x" * 300, "true", "nope", "*", ".", "1.5", "NaN",
]  # fmt: skip
ODD_VALUES: list[Any] = [
    None, "", 0, -1, 2**31 - 1, 2**31, 1e300, True, [], {}, [None], {"a": None}, "\0", "\ud800",
    '"int"', '{"type":"record","name":"R","namespace":"a-b","fields":[]}',
    [{"name": "n.R", "subject": "a", "version": -1}],
    [{"schemaEntity": {"entityPath": "R.f", "entityType": "sr_field"}, "tags": ["T"]}],
    {"properties": {"confluent:version": "x", "confluent:reserved": "f"}},
]  # fmt: skip
MEMBERS = [
    "schema", "schemaType", "references", "metadata", "ruleSet", "version", "id", "compatibility",
    "schemaTagsToAdd", "schemaTagsToRemove", "propagateSchemaTags", "tagsToAdd", "tagsToRemove",
    "newVersion", "rulesToMerge", "mode", "alias", "compatibilityGroup", "defaultMetadata",
    "overrideMetadata", "defaultRuleSet", "normalize", "validateFields",
]  # fmt: skip
PARAMETERS = [
    "normalize", "deleted", "permanent", "subject", "subjectPrefix", "offset", "limit", "format",
    "findTags", "latestOnly", "verbose", "force", "recursive", "defaultToGlobal", "aliases",
]  # fmt: skip


def recorded() -> list[dict[str, Any]]:
    """Every request of the transcripts."""
    rows: list[dict[str, Any]] = []
    for path in sorted(GOLDEN.rglob("*transcript*.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            rows += map(json.loads, lines)
    if not rows:
        raise SystemExit(f"walk-registry: no transcripts in {GOLDEN}")
    return rows


class Walk:
    """Requests made of the recorded ones by a seeded choice."""

    def __init__(self, rows: list[dict[str, Any]], seed: int) -> None:
        self._random = random.Random(seed)
        self._rows = rows
        self._words = sorted({word for row in rows for word in re.split(r"[/?&=]", row["path"])})
        self._bodies = [row["body"] for row in rows if isinstance(row.get("body"), dict)]

    def request(self) -> tuple[str, str, dict[str, str], bytes]:
        choose = self._random
        row = choose.choice(self._rows)
        path, _, query = row["path"].partition("?")
        segments = path.split("/")
        if choose.random() < 0.4 and len(segments) > 1:
            at = choose.randrange(1, len(segments))
            segments[at] = choose.choice([*ODD_WORDS, choose.choice(self._words)])
        if choose.random() < 0.3:
            name, value = choose.choice(PARAMETERS), choose.choice(ODD_WORDS)
            query = f"{query}&{name}={value}" if query else f"{name}={value}"
        method = (
            row["method"]
            if choose.random() < 0.9
            else choose.choice(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"])
        )
        target = "/".join(segments) + (f"?{query}" if query else "")
        return method, target, self._headers(row), self._body(row)

    def _headers(self, row: dict[str, Any]) -> dict[str, str]:
        headers = {"accept": "*/*", "content-type": "application/vnd.schemaregistry.v1+json"}
        headers |= {k.lower(): v for k, v in row.get("headers", {}).items() if v is not None}
        if self._random.random() < 0.05:
            name = self._random.choice(sorted(headers))
            headers[name] = self._random.choice(["", "nonsense", "*", "*;q=x", "a/b;q=0", "\u00e4"])
        return headers

    def _body(self, row: dict[str, Any]) -> bytes:
        choose = self._random
        if "body" not in row:
            return str(row.get("rawBody", "")).encode(errors="replace")
        body = row["body"]
        if choose.random() < 0.5:
            body = dict(choose.choice(self._bodies))
        if choose.random() < 0.4 and isinstance(body, dict):
            body = {**body, choose.choice(MEMBERS): choose.choice(ODD_VALUES)}
        content = json.dumps(body).encode()
        return content[: choose.randrange(len(content) + 1)] if choose.random() < 0.03 else content


async def ask(app: Any, request: tuple[str, str, dict[str, str], bytes]) -> tuple[int, str, bytes]:
    method, target, headers, content = request
    path, _, query = target.partition("?")
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    encoded = {**headers, "content-length": str(len(content))}
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(k.encode(), v.encode("utf-8")) for k, v in encoded.items()],
    }  # fmt: skip
    await asyncio.wait_for(app(scope, receive, send), TIMEOUT_S)
    kind = dict(sent[0]["headers"]).get(b"content-type", b"").decode()
    return sent[0]["status"], kind, b"".join(m.get("body", b"") for m in sent[1:])


def fault(method: str, status: int, kind: str, body: bytes) -> str | None:
    if status >= 500:
        return f"status {status}: {body[:300]!r}"
    if status < 400 or method == "HEAD" or "json" not in kind:
        return None if status < 400 or method == "HEAD" else f"{status} of type {kind!r}"
    try:
        error = json.loads(body)
    except ValueError:
        return f"no JSON: {body[:300]!r}"
    members = {"error_code", "message"}
    return None if members <= set(error) else f"no error of the protocol: {error}"


async def walk(count: int, seed: int) -> int:
    source = Walk(recorded(), seed)
    statuses: Counter[int] = Counter()
    for number in range(count):
        if number % REQUESTS_PER_STORE == 0:
            line: Literal["8", "7"] = "8" if number // REQUESTS_PER_STORE % 2 else "7"
            keeps = number // REQUESTS_PER_STORE % 4 > 1
            store = Store()
            app = create_app(store, ServerSettings(profile=line, keep_rule_sets=keeps))
        request = source.request()
        status, kind, body = await ask(app, request)
        statuses[status] += 1
        found = fault(request[0], status, kind, body)
        if found:
            sys.stdout.write(
                f"walk-registry: request {number} of seed {seed}, profile {line}: {found}" + "\n"
            )
            sys.stdout.write(f"  {request[0]} {request[1]} {request[2]}\n  {request[3]!r}" + "\n")
            return 1
        if number % REQUESTS_PER_STORE == REQUESTS_PER_STORE - 1:
            store.close()
    listed = ", ".join(f"{status}: {n}" for status, n in sorted(statuses.items()))
    sys.stdout.write(
        f"walk-registry: {count} requests of seed {seed} without a 5xx ({listed})" + "\n"
    )
    return 0


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:]] + [10_000, 20261128][len(sys.argv) - 1 :]
    raise SystemExit(asyncio.run(walk(numbers[0], numbers[1])))
