"""`schemareg contracts`."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from schemareg.cli.graph import Against, ManifestFile, open_platform
from schemareg.cli.options import ConfigFile, FailOn, OutputFormat, Outputs, Verbose
from schemareg.cli.output import finish, note
from schemareg.cli.parameters import Option
from schemareg.findings import Severity
from schemareg.report import Format

if TYPE_CHECKING:
    from schemareg.commands.contracts import ContractsResult
    from schemareg.services.contracts import Contract
    from schemareg.services.pact import Pact
    from schemareg.services.platform import Platform
    from schemareg.workspace import Config


def contracts(
    pact: Annotated[
        list[Path] | None,
        Option(
            "--pact",
            help="A Pact file of messages (version 3 or 4), whose fields are proven, too.",
            show_default=False,
        ),
    ] = None,
    write_pact: Annotated[
        Path | None,
        Option(
            "--write-pact",
            help="Write a Pact 4 file for each consumer and provider to this folder.",
            show_default=False,
        ),
    ] = None,
    min_coverage: Annotated[
        float | None,
        Option(
            "--min-coverage",
            min=0,
            max=100,
            help="Percent of the consumers that must have a contract.",
            show_default=False,
        ),
    ] = None,
    golden: Annotated[
        Path | None,
        Option(
            "--fixtures",
            help="Golden events to read, too; `fixtures` beside the snapshot by default.",
            show_default=False,
        ),
    ] = None,
    trend: Annotated[
        Path | None,
        Option("--trend", help="Append the numbers to this file, a JSON line.", show_default=False),
    ] = None,
    badge: Annotated[
        Path | None,
        Option("--badge", help="Write a badge to this SVG file.", show_default=False),
    ] = None,
    services: ManifestFile = None,
    against: Against = "snapshot",
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
    fail_on: FailOn = Severity.ERROR,
    verbose: Verbose = False,
) -> None:
    """Prove what consumers declare to need, and count how much that covers.

    Reader schemas and fields used are proven against every version that a topic can still
    deliver, the proposed schema, and the golden events.
    """
    from schemareg.commands.contracts import contracts_result
    from schemareg.services.further import configured_contracts, pact_contracts

    read, platform, settings = open_platform(services, config, against, verbose=verbose)
    further, problems = configured_contracts(platform)
    from_pacts, unplaced = pact_contracts(platform, [_read(path, settings) for path in pact or ()])
    result = contracts_result(
        platform,
        (*read.problems, *problems, *unplaced),
        further=(*further, *from_pacts),
        golden=settings.cwd / (golden or settings.snapshot.parent / "fixtures"),
        least=min_coverage,
    )
    if write_pact is not None:
        _write_pacts(platform, [*further, *from_pacts], settings.cwd / write_pact, settings)
    _write_numbers(result, settings, trend=trend, badge=badge)
    finish(result, format, fail_on, verbose=verbose, outputs=outputs)


def _read(path: Path, settings: Config) -> tuple[str, Pact]:
    from schemareg.errors import UsageError
    from schemareg.limits import LIMITS
    from schemareg.services.pact import read_pact
    from schemareg.workspace.files import read_start

    place = settings.cwd / path
    shown = settings.shown(place)
    raw = read_start(place, shown, LIMITS.pact_bytes + 1)
    if len(raw) > LIMITS.pact_bytes:
        raise UsageError(f"{shown} is larger than {LIMITS.pact_bytes} bytes")
    return shown, read_pact(raw, shown)


def _write_pacts(
    platform: Platform, further: list[Contract], folder: Path, settings: Config
) -> None:
    """A file for each pair of consumer and provider."""
    from schemareg.services.contracts import contracts_of
    from schemareg.services.pact import write_pact
    from schemareg.state.snapshot import free_folder_name
    from schemareg.subjects import Subject
    from schemareg.workspace.files import bounds_around, replace_files

    producers = platform.manifest.producers()
    pairs: dict[tuple[str, str], list[Contract]] = {}
    for contract in (*contracts_of(platform), *further):
        for produces in producers.get((contract.event, contract.topic), ()):
            pairs.setdefault((contract.consumer, produces.service), []).append(contract)
    taken: set[str] = set()
    files: dict[Path, bytes] = {}
    for (consumer, provider), own in sorted(pairs.items()):
        pair = Subject(f"{consumer}-{provider}")
        while (name := free_folder_name(pair, taken)) and folder / f"{name}.json" in files:
            pair = Subject(f"{pair}-{provider}")  # a-b with c, and a with b-c
        files[folder / f"{name}.json"] = write_pact(consumer, provider, own).encode()
    replace_files(files, settings.shown, within=bounds_around(folder))
    note(f"{len(files)} Pact files are in {settings.shown(folder)}")


def _write_numbers(
    result: ContractsResult, settings: Config, *, trend: Path | None, badge: Path | None
) -> None:
    from schemareg.commands.contracts import trend_line
    from schemareg.errors import ExitCode
    from schemareg.report.badge import badge as drawn
    from schemareg.workspace.files import append_line, write_file

    if trend is not None:
        place = settings.cwd / trend
        commit = os.environ.get("GITHUB_SHA") or os.environ.get("CI_COMMIT_SHA") or ""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        append_line(place, trend_line(result, at=at, commit=commit), settings.shown(place))
    if badge is not None:
        place = settings.cwd / badge
        good = result.exit_code() is ExitCode.YES
        text = drawn("event contracts", f"{result.coverage:g} %", good=good)
        write_file(place, text, settings.shown(place))
