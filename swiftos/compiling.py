"""Calls the compiler for one target, in a worker process.

The one place that knows the compiler's entry point, and it imports the compiler only when there is
something to compile: a build with nothing to do stays quick. Errors come back as text, so that the
outcome can cross a process border.
"""

import time
from dataclasses import dataclass

from swiftos import paths
from swiftos.targets import Target


@dataclass(frozen=True)
class Outcome:
    """How the compilation of a target ended; `errors` is empty when it is good."""

    target: Target
    seconds: float
    errors: str


def compile_target(target: Target, is_debug: bool) -> Outcome:
    """Compiles one target and writes its output."""
    from compiler.build import build_program

    from compiler.frontend.diagnostics import CompileError, render

    started_s = time.monotonic()
    profile = f"{target.profile}-debug" if is_debug else target.profile
    errors = ""
    try:
        build_program(target.module, [paths.REPOSITORY], target.output, profile)
    except CompileError as error:
        errors = "\n".join(render(found) for found in error.diagnostics)
    return Outcome(target, time.monotonic() - started_s, errors)
