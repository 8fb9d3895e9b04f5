"""Calls the compiler for one target, in a worker process.

The one place that knows the compiler's entry point, and it imports the compiler only when there is
something to compile: a build with nothing to do stays quick. Errors come back as text, so that the
outcome can cross a process border.
"""

import time
import traceback
from dataclasses import dataclass

from swiftos import paths
from swiftos.targets import Target


@dataclass(frozen=True)
class Outcome:
    """How the compilation of a target ended; `errors` is empty when it is good."""

    target: Target
    seconds: float
    errors: tuple[str, ...]


def compile_target(target: Target, is_debug: bool, jobs: int) -> Outcome:
    """Compiles one target with `jobs` processes and writes its output; raises nothing."""
    started_s = time.monotonic()
    try:
        errors = _compile(target, is_debug, jobs)
    except Exception:
        text = "".join(traceback.format_exc())
        errors = (f"{target.module}: this is a fault in the compiler\n{text}",)
    return Outcome(target, time.monotonic() - started_s, errors)


def _compile(target: Target, is_debug: bool, jobs: int) -> tuple[str, ...]:
    """Compiles a target and returns its rendered errors."""
    from compiler.backend.profile import profile_named
    from compiler.backend.toolchain import ToolError
    from compiler.build import build_program
    from compiler.frontend.diagnostics import CompileError, render
    from compiler.frontend.source import Source

    def source_of(path: str) -> Source | None:
        file = paths.REPOSITORY / path
        return Source(path, file.read_text()) if file.is_file() else None

    try:
        build_program(
            target.module,
            source_root=paths.REPOSITORY,
            profile=profile_named(f"{target.profile}-debug" if is_debug else target.profile),
            output=target.output,
            cache=paths.BUILD / "cache",
            jobs=jobs,
        )
    except CompileError as error:
        return tuple(render(found, source_of) for found in error.diagnostics)
    except ToolError as error:
        return (f"{target.module}: {error}",)
    return ()
