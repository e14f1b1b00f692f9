"""Which commands there are: one row each, with the example that its help shows."""

from __future__ import annotations

import typer

from schemareg.cli.app import guarded
from schemareg.cli.check import check
from schemareg.cli.diff import diff
from schemareg.cli.fingerprint import fingerprint
from schemareg.cli.lint import lint
from schemareg.cli.pull import pull
from schemareg.cli.register import register as register_schemas
from schemareg.cli.roundtrip import roundtrip
from schemareg.cli.rules import rules
from schemareg.cli.sample import sample
from schemareg.cli.serve import serve
from schemareg.cli.verify import verify

COMMANDS = (
    ("lint", lint, ("schemareg lint schemas/ --fail-on warning",)),
    (
        "check",
        check,
        ("schemareg check --against snapshot", "schemareg check --against git:origin/main --prove"),
    ),
    ("register", register_schemas, ("schemareg register --registry https://registry:8081",)),
    ("roundtrip", roundtrip, ("schemareg roundtrip --broker localhost:9092 --events 20",)),
    ("verify", verify, ("schemareg verify --registry embedded --broker embedded",)),
    (
        "diff",
        diff,
        (
            "schemareg diff carts-value@1 carts-value",
            "schemareg diff old.avsc new.avsc --format markdown",
        ),
    ),
    ("fingerprint", fingerprint, ("schemareg fingerprint schemas/shared/Money.avsc",)),
    ("rules", rules, ("schemareg rules money-as-double",)),
    ("sample", sample, ("schemareg sample OrderCreated --count 3 --edges",)),
    ("pull", pull, ("schemareg pull --registry https://registry:8081",)),
    ("serve", serve, ("schemareg serve --port 8081 --db registry.db",)),
)


def register(app: typer.Typer) -> None:
    """Add every command to `app`."""
    for name, command, examples in COMMANDS:
        noun = "Example" if len(examples) == 1 else "Examples"
        epilog = "\n".join(["\b", f"{noun}:", *(f"  {example}" for example in examples)])
        app.command(name, epilog=epilog)(guarded(command))
