"""`schemareg fingerprint`."""

from __future__ import annotations

from schemareg.cli.inputs import open_project
from schemareg.cli.options import ConfigFile, OutputFormat, Outputs, Paths, Verbose
from schemareg.cli.output import finish
from schemareg.report import Format


def fingerprint(
    paths: Paths = None,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
    verbose: Verbose = False,
) -> None:
    """Print canonical texts and fingerprints.

    They are equal to those of Avro Java.
    """
    from schemareg.commands.fingerprint import fingerprint_project

    project, _ = open_project(paths, config, verbose=verbose)
    finish(fingerprint_project(project), format, outputs=outputs)
