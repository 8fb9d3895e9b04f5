"""Calls the compiler for one target, in whatever process it is run.

The one place that knows the compiler's entry point. Errors come back as text, so that the outcome
can cross a process border.
"""

import time
from dataclasses import dataclass

from compiler.build import build_program

from compiler.frontend.diagnostics import CompileError, render
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
    started_s = time.monotonic()
    profile = f"{target.profile}-debug" if is_debug else target.profile
    try:
        build_program(target.module, [paths.REPOSITORY], target.output, profile)
    except CompileError as error:
        return Outcome(target, time.monotonic() - started_s, render(error.diagnostics))
    return Outcome(target, time.monotonic() - started_s, "")
