"""A hostile repository: whole commands in a checkout with odd files, links, names and settings."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

from schemareg.cli.commands import application
from schemareg.report import Format
from tests.attack.frame import UNSAFE, Attack, Shot, Shots, ViolatedError

CODES = frozenset({0, 1, 2, 3, 4, 10})
SECRET = "TOPSECRET123"
ENVIRONMENT = {
    "COLUMNS": "80", "NO_COLOR": "1", "SCHEMAREG_NO_CACHE": "1", "GIT_CONFIG_NOSYSTEM": "1",
    "SCHEMAREG_REGISTRY_USER": "ci", "SCHEMAREG_REGISTRY_PASSWORD": SECRET,
    "SCHEMAREG_REGISTRY_TRIES": "1",
}  # fmt: skip
SCHEMA = (
    '{"type":"record","name":"E","namespace":"a.b","doc":"d","fields":'
    '[{"name":"x","type":"int","doc":"d"}]}'
)
NAMES = (
    "x\n::add-mask::a", "\x1b[31mred", "\u202eevil", "\u2028", "-rf", "~", " ", "a" * 240,
    "##vso[task.setvariable variable=A]b", "<img src=x>", "`|`", "\udcff", "%41", "CON", "é",
    "\x9b31m", "::stop-commands::p", "@org [go](http://127.0.0.1)",
)  # fmt: skip
SETTINGS = (
    'roots = ["/"]', 'roots = ["/dev"]', 'roots = [".."]', 'roots = ["x\\u0000"]', "roots = []",
    'snapshot = "../outside"', 'snapshot = "/"', 'broker = "127.0.0.1:1"', 'level = "NONE"',
    'registry = "http://127.0.0.1:1"', '[kafka]\n"plugin.library.paths" = "./evil.so"',
    '[consumers.c.reads]\n"t-value" = "/dev/zero"', '[consumers.c.reads]\nt = "../outside/s"',
    '[lint.rules]\nnamespace-pattern = { pattern = "(" }', '[lint.rules]\ninvalid-default = "off"',
    '[lint.rules]\nnamespace-pattern = { pattern = "(a+)+" }', '[topics."t\\n::x"]\nevents = []',
    "x = " + "[" * 3000, 'include = ["/**"]',
    '[[lint.ignore]]\nrule = "*"\nelement = "*"\nreason = "r"',
)  # fmt: skip
COMMANDS = (
    ("lint",), ("check",), ("check", "--against", "git:HEAD"), ("diff", "--against", "git:HEAD"),
    ("fmt", "--check"), ("graph",), ("fixtures", "check"), ("fingerprint",), ("rules",), ("ci",),
    ("check", "--against", "git:main"), ("check", "--against", "../outside"), ("plan",),
    ("check", "--against", "git:\udcff"), ("check", "--against", "git:--output=PWNED"), ("drift",),
    ("sample", "schemas/E.avsc"), ("pull",), ("register", "--dry-run"), ("verify",),
)  # fmt: skip
FORMATS = tuple(format.value for format in Format)


def odd_name(rng: Random, top: Path) -> None:
    name = f"{rng.choice(NAMES)}{rng.choice(('.avsc', '.avsc', '', '/E.avsc'))}"
    path = top / "schemas" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(SCHEMA.replace('"E"', '"F"'), encoding="utf-8")


def odd_words(rng: Random, top: Path) -> None:
    schema = json.loads(SCHEMA)
    schema[rng.choice(("name", "doc", "namespace", "odd"))] = rng.choice(NAMES)
    schema["fields"][0][rng.choice(("name", "doc", "default", "type"))] = rng.choice(NAMES)
    (top / "schemas/E.avsc").write_text(json.dumps(schema), encoding="utf-8")


def odd_link(rng: Random, top: Path) -> None:
    name = rng.choice(
        ("E.avsc", "L.avsc", "sub", "registered", "../schemareg.toml", "../services.toml")
    )
    target = rng.choice(
        (
            "../../outside/s",
            "/dev/zero",
            name,
            "nowhere",
            "../../outside",
            "/proc/self/environ",
            "..",
        )
    )
    path = top / "schemas" / name
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def odd_kind(rng: Random, top: Path) -> None:
    path = top / rng.choice(
        ("schemas/P.avsc", "schemas/registered/x/subject.json", "services.toml")
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    if rng.random() < 0.5 and not os.path.lexists(path):
        os.mkfifo(path)
    elif not os.path.lexists(path):
        path.mkdir()


def settings(rng: Random, top: Path) -> None:
    path = top / rng.choice(("schemareg.toml", "schemareg.toml", "services.toml", "pyproject.toml"))
    text = "\n".join(rng.sample(SETTINGS, 2))
    if not os.path.lexists(path):
        path.write_text(
            ("[tool.schemareg]\n" if "py" in path.name else "") + text, encoding="utf-8"
        )


def marker(rng: Random, top: Path) -> None:
    path = top / rng.choice(("schemas/subject.json", "schemas/registered/a.b.E/subject.json"))
    path.parent.mkdir(parents=True, exist_ok=True)
    if not os.path.lexists(path):
        text = rng.choice(
            ("{}", '{"subject":"s\\n::add-mask::s","versions":[]}', "[" * 3000, "\x00")
        )
        path.write_text(text, encoding="utf-8")


def embedded_bare(rng: Random, top: Path) -> None:
    inner = top / "schemas"
    (inner / "objects").mkdir(exist_ok=True)
    (inner / "refs/heads").mkdir(parents=True, exist_ok=True)
    (inner / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")
    (inner / "config").write_text(
        "[core]\nbare = false\nworktree = .\nfsmonitor = touch PWNED\n"
        '[extensions]\npartialClone = o\n[remote "o"]\nurl = .\npromisor = true\n'
        'uploadpack = "touch PWNED; false"\n',
        encoding="utf-8",
    )


DEEDS: tuple[Callable[[Random, Path], None], ...] = (
    odd_name, odd_words, odd_link, odd_kind, settings, marker, embedded_bare,
)  # fmt: skip


@contextmanager
def opened() -> Iterator[Shots]:
    """A checkout with one commit, a folder with a secret beside it, and the application."""
    before, here = dict(os.environ), Path.cwd()
    with TemporaryDirectory(prefix="attack-") as name:
        home = Path(name).resolve()
        top, outside = home / "repository", home / "outside"
        outside.mkdir()
        (outside / "s").write_text(f'"{SECRET}"', encoding="utf-8")
        (top / "schemas").mkdir(parents=True)
        (top / "schemas/E.avsc").write_text(SCHEMA, encoding="utf-8")
        os.environ.update(ENVIRONMENT, HOME=str(home))
        for arguments in (
            ("init", "-q", "-b", "main"), ("config", "user.email", "a@b"),
            ("config", "user.name", "n"), ("add", "-A"), ("commit", "-q", "-m", "c"),
        ):  # fmt: skip
            subprocess.run(("git", *arguments), cwd=top, check=True, capture_output=True)
        shutil.copytree(top, home / "good")
        try:
            yield lambda rng: shots(rng, home)
        finally:
            os.chdir(here)
            os.environ.clear()
            os.environ.update(before)


def shots(rng: Random, home: Path) -> Iterator[Shot]:
    while True:
        deeds = [rng.choice(DEEDS) for _ in range(rng.randint(1, 3))]
        seed = rng.random()
        command = [*rng.choice(COMMANDS), "--format", rng.choice(FORMATS)]
        inner = rng.random() < 0.2

        def shot(
            deeds: list[Callable[[Random, Path], None]] = deeds,
            seed: float = seed,
            command: list[str] = command,
            inner: bool = inner,
        ) -> str:
            top = home / "repository"
            os.chdir(home)
            shutil.rmtree(top)
            shutil.copytree(home / "good", top)
            own = Random(seed)
            for deed in deeds:
                with suppress(OSError):  # an earlier deed is in its way
                    deed(own, top)
            os.chdir(top / "schemas" if inner and (top / "schemas").is_dir() else top)
            code, out, err = run_command(command)
            check(home, command, code, out, err)
            return ""

        yield shot


def run_command(arguments: list[str]) -> tuple[int, str, str]:
    """The exit code and what a command wrote, in this process."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            application().main(arguments, prog_name="schemareg")
        except SystemExit as end:
            code = int(end.code or 0)
    return code, out.getvalue(), err.getvalue()


def check(home: Path, command: list[str], code: int, out: str, err: str) -> None:
    """Nothing, when the command ended as commands may.

    Raises:
        ViolatedError: another exit code, something of the outside in its words, or changed.
    """
    said = f"{command} ended with {code}: {err[-400:]!r} {out[-200:]!r}"
    format = command[-1]
    if code not in CODES:
        raise ViolatedError(said)
    if SECRET in out + err:
        raise ViolatedError(f"a secret: {said}")
    if sorted(p.name for p in home.iterdir()) != ["good", "outside", "repository"]:
        raise ViolatedError(f"something was written outside: {said}")
    if os.listdir(home / "outside") != ["s"] or list((home / "repository").rglob("PWNED")):
        raise ViolatedError(f"something was written or run: {said}")
    if bad := (UNSAFE - {"\n"}).intersection(out + err):
        raise ViolatedError(f"{sorted(bad)} in {said}")
    for line in (out if format == "text" else "").splitlines() + err.splitlines():
        if line.lstrip().startswith("::") or "##vso[" in line or "##[" in line:
            raise ViolatedError(f"a command in the line {line!r}: {said}")
    if not out:
        return
    if format in ("json", "sarif", "gitlab"):
        json.loads(out)
    elif format == "junit":
        ElementTree.fromstring(out)


ATTACKS = (Attack("repository", opened, weight=1, most=2_000, cpu_s=5.0),)
