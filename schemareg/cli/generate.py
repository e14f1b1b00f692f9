"""`schemareg generate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from schemareg.cli.inputs import open_project
from schemareg.cli.options import ConfigFile, OutputFormat, Outputs, Verbose
from schemareg.cli.output import finish
from schemareg.cli.parameters import Argument, Option
from schemareg.report import Format


def python(
    file: Annotated[Path, Argument(help="The Python module to write.")],
    check: Annotated[
        bool, Option("--check", help="Write nothing; exit 1 where the file differs.")
    ] = False,
    pydantic: Annotated[
        bool, Option("--pydantic", help="Dataclasses of pydantic, which validate.")
    ] = False,
    module: Annotated[
        str | None,
        Option("--module", help="Only the schemas of this module, and what it uses."),
    ] = None,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
    verbose: Verbose = False,
) -> None:
    """Write frozen dataclasses of the events, one for each record.

    The codec reads and writes them: pass CLASSES of the module to event_deserializer, and an
    instance to the serializer.
    """
    from schemareg.commands.generate import generate_python
    from schemareg.generate.python import Style

    project, settings = open_project(None, config, verbose=verbose)
    style = Style.PYDANTIC if pydantic else Style.DATACLASS
    result = generate_python(project, settings, file, style=style, check=check, module=module)
    finish(result, format, verbose=verbose, outputs=outputs)
