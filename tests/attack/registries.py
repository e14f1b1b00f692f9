"""A hostile registry: mutated answers to every call of the client, and to whole commands' reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from schemareg.registry import NO_RETRY, Patience, RegistryClient, connect
from schemareg.state import RegistryState, read_snapshot, write_snapshot
from schemareg.state.registry import read_registry
from schemareg.workspace import Config
from tests.attack.frame import Attack, Shot, Shots, ViolatedError, steady
from tests.attack.mutating import ODD_JSON, damaged
from tests.registry.client_calls import CALLS, NAMES

STATUSES = (200, 200, 200, 200, 204, 301, 400, 401, 404, 409, 422, 429, 500, 503, 999)
TEXTS = ("FULL", "IMPORT", '"int"', '{"type":"nope"}', "s", "", "{", "\ud800", "../x", "CON", "A")
LARGEST = 2**31
PATIENCE = Patience(retry=NO_RETRY)
HEADERS: tuple[dict[str, str], ...] = (
    {}, {}, {}, {"Retry-After": "x" * 300}, {"Retry-After": "9" * 400}, {"Retry-After": "-1"},
    {"Content-Type": "text/html"}, {"Content-Encoding": "gzip"}, {"Location": "http://127.0.0.1:1/"},
    {"Retry-After": "Fri, 99 Foo 0000 99:99:99 GMT"},
)  # fmt: skip


def value(rng: Random, depth: int = 3) -> Any:
    """A JSON value in the words of the protocol."""
    match rng.randrange(9 if depth else 5):
        case 0:
            return rng.choice((None, True, False, 0.5, 1e308))
        case 1:
            return rng.choice((-1, 0, 1, 2, LARGEST - 1, LARGEST, 10**30))
        case 2 | 3 | 4:
            return rng.choice(TEXTS)
        case 5 | 6:
            return [value(rng, depth - 1) for _ in range(rng.randrange(4))]
        case _:
            return {rng.choice(NAMES): value(rng, depth - 1) for _ in range(rng.randrange(8))}


def answer(rng: Random) -> httpx.Response:
    """Any answer: a value of the protocol's words, whole or damaged, with odd headers."""
    body = json.dumps(value(rng)).encode()
    if rng.random() < 0.4:
        body = damaged(rng, body, ODD_JSON)
    status = rng.choice(STATUSES)
    return httpx.Response(status, headers=rng.choice(HEADERS), stream=httpx.ByteStream(body))


def call_shots(rng: Random) -> Iterator[Shot]:
    with connect(
        "http://one", patience=PATIENCE, transport=httpx.MockTransport(lambda _: answer(rng))
    ) as client:
        while True:
            call = CALLS[rng.choice(list(CALLS))]

            def shot(call: Any = call, client: RegistryClient = client) -> str:
                call(client)
                return ""

            yield shot


SUBJECTS = (
    "s", "S", "a-value", "CON", "nul.txt", "-rf", "~", "", ".", "..", "../up", "a/b", "x" * 300,
    "\ud800", "a\nb", ":.ctx:s", "é", "é", "%41", "A", "a", "com1", "a\x00b",
)  # fmt: skip
SCHEMAS = (
    '"int"', '{"type":"fixed","name":"F","size":1}', "", "{", '"F"', "[" * 3000,
    '"\\ud800"', "\x1b", '"' + "\ud800" + '"', "\ufeff" + '"int"',
    '{"type":"record","name":"R","fields":[]}', " ", '"int" ', "null",
)  # fmt: skip
VERSIONS: tuple[tuple[Any, ...], ...] = (
    (1,), (1, 2), (1, 2), (2,), (1, 1, 1), (2, 1), (-1,), (0,), (LARGEST,), (), ("1",), (None,),
    (True,), (1.0,),
)  # fmt: skip


class Liar:
    """A registry that mostly speaks the protocol, and lies in names, numbers and texts.

    The answer to a path follows from the seed and the path, since requests run at once.
    """

    def __init__(self, seed: str) -> None:
        self._seed = seed

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode()
        rng = Random(f"{self._seed}{path}")
        if rng.random() < 0.01:
            return answer(rng)
        status = rng.choice((404, 422, 500)) if rng.random() < 0.02 else 200
        body = {"error_code": rng.choice((40401, 40402, 40403, 40408, 404, 50001)), "message": "no"}
        value = self._value(request.url.path, rng) if status == 200 else body
        return httpx.Response(status, stream=httpx.ByteStream(json.dumps(value).encode()))

    def _value(self, path: str, rng: Random) -> object:
        parts = path.strip("/").split("/")
        match parts:
            case ["subjects"]:
                return rng.sample(SUBJECTS, rng.randint(0, 5))
            case ["subjects", _, "versions"]:
                return list(rng.choice(VERSIONS))
            case ["subjects", *subject, "versions", number]:
                lies = rng.random() < 0.1
                return {
                    "subject": rng.choice(SUBJECTS) if lies else "/".join(subject),
                    "version": rng.choice((number, 99)) if lies else _number(number),
                    "id": rng.choice((1, 2, 2, -1 if lies else 3)),
                    "schema": rng.choice(SCHEMAS[:2] if rng.random() < 0.7 else SCHEMAS),
                    "references": _references(rng) if rng.random() < 0.1 else [],
                    **({"deleted": rng.choice(("no", True))} if rng.random() < 0.05 else {}),
                }
            case ["config", *_]:
                return {"compatibilityLevel": rng.choice(("FULL", "NONE", "BACKWARD", "lax"))}
            case _:
                return value(rng)


def _number(text: str) -> object:
    return int(text) if text.lstrip("-").isdigit() else text


def _references(rng: Random) -> list[dict[str, object]]:
    return [
        {"name": rng.choice(("F", "", "x\n")), "subject": rng.choice(SUBJECTS), "version": number}
        for number in rng.sample((1, 2, -1), rng.randint(1, 2))
    ]


def content(state: RegistryState) -> object:
    """What a snapshot keeps of a state: all but the layout of texts."""
    return {
        subject: (held.level, [(v.version, v.references, squeezed(v.text)) for v in held.versions])
        for subject, held in state.subjects.items()
    }


def squeezed(text: str) -> str:
    """A text without blanks; none of the texts here has one inside a string."""
    return re.sub(r"\s", "", text).removeprefix("\ufeff")


@contextmanager
def opened_pull() -> Iterator[Shots]:
    """Whole pulls: what a registry answered is refused, or is a snapshot that reads the same."""
    with TemporaryDirectory(prefix="attack-") as name:
        top = Path(name).resolve()
        (top / ".git").mkdir()
        yield lambda rng: _pull_shots(rng, top)


def _pull_shots(rng: Random, top: Path) -> Iterator[Shot]:
    config = Config(cwd=top, snapshot=top / "registered")
    while True:
        seed = str(rng.random())

        def shot(seed: str = seed) -> str:
            transport = httpx.MockTransport(Liar(seed))
            with connect("http://one", patience=PATIENCE, transport=transport) as client:
                state = read_registry(client, "one")
            before = sorted(path.name for path in top.iterdir())
            write_snapshot(config.snapshot, state)
            if sorted({*(path.name for path in top.iterdir()), "registered"}) != sorted(
                {*before, "registered"}
            ):
                raise ViolatedError("the pull wrote outside of the snapshot")
            if content(read_snapshot(config.snapshot, config)) != content(state):
                raise ViolatedError(f"the snapshot is not what was pulled, seed {seed}")
            return ""

        yield shot


ATTACKS = (
    Attack("HTTP answers", steady(call_shots), weight=30, most=200_000),
    Attack("pull from a liar", opened_pull, weight=1, most=5_000),
)
