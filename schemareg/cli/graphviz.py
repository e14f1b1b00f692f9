"""Graphviz, the program that draws SVG.

Source: graphviz.org, "Command Line".
"""

from __future__ import annotations

import subprocess

from schemareg.errors import ExternalFailureError
from schemareg.limits import LIMITS
from schemareg.report.escape import plain_line


def svg_of_dot(dot: str) -> str:
    """The graph `dot` as SVG.

    Raises:
        ExternalFailureError: Graphviz is not installed, fails or takes too long.
    """
    try:
        drawn = subprocess.run(
            [
                "dot",
                "-Tsvg",
                "-Gfontname=Helvetica",
                "-Nfontname=Helvetica",
                "-Efontname=Helvetica",
            ],
            input=dot.encode(),
            capture_output=True,
            timeout=LIMITS.drawing_s,
            check=False,
        )
    except FileNotFoundError as error:
        raise ExternalFailureError(
            "SVG is drawn by Graphviz, whose program dot is not installed",
            advice="install the package graphviz, or draw mermaid",
        ) from error
    except subprocess.TimeoutExpired as error:
        raise ExternalFailureError(
            f"dot has not drawn the graph in {LIMITS.drawing_s} seconds",
            advice="draw a part of it: --around SERVICE, or --critical",
        ) from error
    if drawn.returncode != 0 or not drawn.stdout:
        reason = plain_line(drawn.stderr.decode("utf-8", "replace").strip()[:200])
        raise ExternalFailureError(f"dot cannot draw the graph: {reason}")
    return drawn.stdout.decode("utf-8", "replace")
