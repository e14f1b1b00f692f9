"""Which commands there are: one row each, with the example that its help shows."""

from __future__ import annotations

import typer

from schemareg.cli.app import guarded
from schemareg.cli.catalog import build as build_catalog
from schemareg.cli.check import check
from schemareg.cli.ci import ci
from schemareg.cli.contracts import contracts
from schemareg.cli.deployments import (
    can_i_deploy,
    record_deployment,
    record_release,
    record_support_ended,
    record_version,
)
from schemareg.cli.diff import diff
from schemareg.cli.drift import drift
from schemareg.cli.exchange import export_services, import_services
from schemareg.cli.fingerprint import fingerprint
from schemareg.cli.fixtures import check as check_fixtures
from schemareg.cli.fixtures import generate as generate_fixtures
from schemareg.cli.fmt import fmt
from schemareg.cli.generate import python as generate_python
from schemareg.cli.graph import graph
from schemareg.cli.impact import impact
from schemareg.cli.init import init
from schemareg.cli.lint import lint
from schemareg.cli.lsp import lsp
from schemareg.cli.order import order
from schemareg.cli.password import hash_password
from schemareg.cli.plan import apply, plan, rollback
from schemareg.cli.promote import promote
from schemareg.cli.pull import pull
from schemareg.cli.register import register as register_schemas
from schemareg.cli.registry import backup, import_topic, restore
from schemareg.cli.registry_options import with_registry_options
from schemareg.cli.roundtrip import roundtrip
from schemareg.cli.rules import rules
from schemareg.cli.sample import sample
from schemareg.cli.serve import serve
from schemareg.cli.verify import verify

COMMANDS = (
    ("init", init, ("schemareg init --registry https://registry:8081 --managed 'orders-*'",)),
    ("lint", lint, ("schemareg lint schemas/ --fail-on warning",)),
    (
        "fmt",
        fmt,
        ("schemareg fmt --check --diff", "schemareg fmt - < Order.avsc"),
    ),
    (
        "check",
        check,
        ("schemareg check --against snapshot", "schemareg check --against git:origin/main --prove"),
    ),
    ("lsp", lsp, ("schemareg lsp",)),
    ("ci", ci, ("schemareg ci --format github --output markdown=comment.md",)),
    ("register", register_schemas, ("schemareg register --registry https://registry:8081",)),
    (
        "plan",
        plan,
        ("schemareg plan --registry https://registry:8081 --out plan.json",),
    ),
    ("apply", apply, ("schemareg apply plan.json --registry https://registry:8081 --yes",)),
    (
        "rollback",
        rollback,
        ("schemareg rollback plan.json --registry https://registry:8081 --out undo.json",),
    ),
    (
        "promote",
        promote,
        ("schemareg promote --from staging --to production --out plan.json",),
    ),
    ("drift", drift, ("schemareg drift --registry https://registry:8081 --all",)),
    ("roundtrip", roundtrip, ("schemareg roundtrip --broker localhost:9092 --events 20",)),
    ("verify", verify, ("schemareg verify --registry embedded --broker embedded",)),
    (
        "graph",
        graph,
        ("schemareg graph --around order", "schemareg graph --draw mermaid > services.mmd"),
    ),
    (
        "contracts",
        contracts,
        ("schemareg contracts --min-coverage 80 --badge contracts.svg",),
    ),
    ("can-i-deploy", can_i_deploy, ("schemareg can-i-deploy order@3f2c1ab --to production",)),
    ("record-version", record_version, ("schemareg record-version order@3f2c1ab",)),
    (
        "record-deployment",
        record_deployment,
        ("schemareg record-deployment order@3f2c1ab --to production",),
    ),
    (
        "record-release",
        record_release,
        ("schemareg record-release order@3f2c1ab --to production",),
    ),
    (
        "record-support-ended",
        record_support_ended,
        ("schemareg record-support-ended order@3f2c1ab --to production",),
    ),
    (
        "impact",
        impact,
        (
            "schemareg impact --against git:origin/main --explain",
            'schemareg impact --pipeline github >> "$GITHUB_OUTPUT"',
        ),
    ),
    ("order", order, ("schemareg order --against https://registry:8081",)),
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
    ("fixtures generate", generate_fixtures, ("schemareg fixtures generate",)),
    ("fixtures check", check_fixtures, ("schemareg fixtures check --against git:origin/main",)),
    ("generate python", generate_python, ("schemareg generate python src/events.py",)),
    ("pull", pull, ("schemareg pull --registry https://registry:8081",)),
    (
        "services import",
        import_services,
        ("schemareg services import catalog-info.yaml --as backstage",),
    ),
    (
        "services export",
        export_services,
        ("schemareg services export eventcatalog/ --as eventcatalog",),
    ),
    ("registry backup", backup, ("schemareg registry backup registry.jsonl --db registry.db",)),
    ("registry restore", restore, ("schemareg registry restore registry.jsonl --db new.db",)),
    ("registry import", import_topic, ("schemareg registry import topic.jsonl --db new.db",)),
    (
        "registry hash-password",
        hash_password,
        ("schemareg registry hash-password < password.txt",),
    ),
    ("catalog build", build_catalog, ("schemareg catalog build --out site",)),
    ("serve", serve, ("schemareg serve --port 8081 --db registry.db",)),
)


GROUPS = {
    "catalog": "Pages about all events, for people.",
    "services": "Exchange the manifest of services with other tools.",
    "generate": "Write typed models of the events.",
    "registry": "Keep what a served registry holds.",
    "fixtures": "Keep golden events of every version.",
}


def register(app: typer.Typer) -> None:
    """Add every command to `app`; a name of two words is a command of a group."""
    groups = {"": app}
    for group, help in GROUPS.items():
        groups[group] = typer.Typer(help=help, no_args_is_help=True, rich_markup_mode=None)
        app.add_typer(groups[group], name=group)
    for name, command, examples in COMMANDS:
        noun = "Example" if len(examples) == 1 else "Examples"
        epilog = "\n".join(["\b", f"{noun}:", *(f"  {example}" for example in examples)])
        group, _, own_name = name.rpartition(" ")
        groups[group].command(own_name, epilog=epilog)(guarded(with_registry_options(command)))
