"""What clients of a cluster were answered, and what must be true of it whatever fails.

Always: an acknowledged write is on every node once (A), an id never names two texts (I), versions
of a subject have no gap and no double (V), no node goes back (M), no record of a lower term comes
after one of a higher (T), an error is 500 with 50001 to 50004, or 503, within its time (E), what
was read once stays readable (R), and the topic read from nothing gives what the nodes answer (S).
"""

from __future__ import annotations

import itertools
import json
import random
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from schemareg.registry.topic.node import origin_of

WRITERS = 4
SUBJECTS = 4
LONGEST_ANSWER_S = 30.0
JSON = {"content-type": "application/vnd.schemaregistry.v1+json"}
ALLOWED = {(500, 50001), (500, 50002), (500, 50003), (500, 50004), (503, 503)}
Rows = list[dict[str, Any]]


@dataclass(slots=True)
class History:
    """What clients were answered."""

    acknowledged: dict[str, int] = field(default_factory=dict)
    """Schema text to its id."""
    accepted_at: list[float] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    refusals: set[tuple[int, int]] = field(default_factory=set)
    violations: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def break_of(self, rule: str, text: str) -> None:
        with self.lock:
            self.violations.append(f"{rule}: {text}")

    def longest_gap_s(self, since: float, until: float) -> float:
        """The longest time in between without an accepted write."""
        times = [since, *(at for at in self.accepted_at if since <= at <= until), until]
        return max(later - earlier for earlier, later in itertools.pairwise(times))


class Clients:
    """Threads that write to random nodes, and one a node that reads, until `halt`.

    `urls` gives the nodes that run at the moment.
    """

    def __init__(self, urls: Callable[[], Sequence[str]], history: History, seed: int) -> None:
        self._urls = urls
        self._history = history
        self._halt = threading.Event()
        self._threads = [
            threading.Thread(
                target=self._write, args=(random.Random(seed * 100 + n), n), daemon=True
            )
            for n in range(WRITERS)
        ]
        self._threads += [
            threading.Thread(target=self._read, args=(n,), daemon=True) for n in range(len(urls()))
        ]
        for thread in self._threads:
            thread.start()

    def halt(self) -> None:
        self._halt.set()
        for thread in self._threads:
            thread.join(LONGEST_ANSWER_S + 5)

    def _write(self, chance: random.Random, number: int) -> None:
        with httpx.Client(timeout=LONGEST_ANSWER_S, trust_env=False) as client:
            while not self._halt.is_set():
                doc = f"{number} {time.time_ns()}"
                text = json.dumps({"type": "record", "name": "R", "doc": doc, "fields": []})
                subject = f"s{chance.randrange(SUBJECTS)}"
                is_taken = self._register(client, chance.choice(self._urls()), subject, text)
                self._halt.wait(0.02 if is_taken else 0.2)

    def _register(self, client: httpx.Client, url: str, subject: str, text: str) -> bool:
        history = self._history
        try:
            answer = client.post(
                f"{url}/subjects/{subject}/versions", json={"schema": text}, headers=JSON
            )
        except httpx.HTTPError:
            with history.lock:
                history.unknown.add(text)
            return False
        body: dict[str, Any] = answer.json()
        with history.lock:
            if answer.status_code == 200:
                history.acknowledged[text] = body["id"]
                history.accepted_at.append(time.monotonic())
                return True
            history.unknown.add(text)
            refusal = answer.status_code, int(body.get("error_code", 0))
            history.refusals.add(refusal)
            if refusal not in ALLOWED:
                history.violations.append(f"E: {refusal} {body}")
        return False

    def _read(self, number: int) -> None:
        """What one node answers only grows, for as long as the node runs."""
        seen: dict[str, int] = {}
        known: int | None = None
        url = ""
        with httpx.Client(timeout=LONGEST_ANSWER_S, trust_env=False) as client:
            while not self._halt.wait(0.2):
                urls = self._urls()
                if number >= len(urls):
                    continue
                if urls[number] != url:
                    url, seen, known = urls[number], {}, None
                try:
                    for subject in (f"s{n}" for n in range(SUBJECTS)):
                        self._grows(client, url, subject, seen)
                    known = self._stays(client, url, known)
                except httpx.HTTPError:
                    continue  # it is down or paused

    def _grows(self, client: httpx.Client, url: str, subject: str, seen: dict[str, int]) -> None:
        answer = client.get(f"{url}/subjects/{subject}/versions")
        if answer.status_code == 200:
            count = len(answer.json())
            if count < seen.get(subject, 0):
                text = f"{url} had {seen[subject]} versions of {subject}, then {count}"
                self._history.break_of("M", text)
            seen[subject] = count

    def _stays(self, client: httpx.Client, url: str, known: int | None) -> int | None:
        id = known
        if id is None:
            with self._history.lock:
                id = max(self._history.acknowledged.values(), default=None)
        if id is None:
            return None
        answer = client.get(f"{url}/schemas/ids/{id}")
        if known is not None and answer.status_code not in (200, 503):
            self._history.break_of("R", f"{url}: id {id}: {answer.status_code} {answer.text}")
        # a node that is behind may not have it yet: what it had once, it has to have
        return id if answer.status_code == 200 else known


def check_rows(views: Sequence[Rows], rebuilt: Rows, history: History) -> None:
    """Compare what the nodes have with each other, the topic and what was acknowledged."""
    if any(view != views[0] for view in views):
        history.break_of("M", "the nodes differ")
    if rebuilt != views[0]:
        history.break_of("S", f"the topic has {len(rebuilt)} versions, a node {len(views[0])}")
    texts: dict[int, set[str]] = {}
    found: dict[str, list[int]] = {}
    versions: dict[str, list[int]] = {}
    for row in views[0]:
        texts.setdefault(row["id"], set()).add(row["schema"])
        found.setdefault(json.dumps(json.loads(row["schema"])), []).append(row["id"])
        versions.setdefault(row["subject"], []).append(row["version"])
    for text, id in history.acknowledged.items():
        if found.get(text, []) != [id]:
            history.break_of("A", f"{text} was acknowledged as id {id}, found {found.get(text)}")
    for id, names in texts.items():
        if len(names) > 1:
            history.break_of("I", f"id {id} names {names}")
    for subject, numbers in versions.items():
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            history.break_of("V", f"{subject} has versions {sorted(numbers)}")


def check_terms(headers: Iterable[Any], history: History) -> int:
    """The last term; none of `headers`, of all records in order, may name a lower one."""
    term = 0
    for each in headers:
        origin = origin_of(each)
        if origin is not None:
            if origin.term < term:
                history.break_of("T", f"a record of term {origin.term} after one of {term}")
            term = max(term, origin.term)
    return term
