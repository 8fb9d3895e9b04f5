"""The external tools: clang and lld, both out of the `ziglang` wheel.

`zig clang` and `zig ld.lld` are plain clang 22 and LLD; they start in about 10 ms, which is why
every unit is one process and no LLVM lives in ours: an abort in LLVM becomes a `ToolError` with
its text.
"""

from __future__ import annotations

import functools
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path


class ToolError(Exception):
    """A tool failed. `str` is a one-line summary; `output` is what the tool printed."""

    def __init__(self, summary: str, output: str) -> None:
        super().__init__(summary, output)
        self.summary = summary
        self.output = output

    def __str__(self) -> str:
        return f"{self.summary}\n{self.output}".rstrip()


@functools.cache
def zig_path() -> str:
    """The `zig` executable of the installed `ziglang` package; ToolError when it is missing."""
    try:
        import ziglang  # type: ignore[import-untyped]
    except ImportError as error:
        raise ToolError("the package `ziglang` is not installed", str(error)) from error
    package = Path(str(ziglang.__file__)).parent
    name = "zig.exe" if os.name == "nt" else "zig"
    return str(package / name)


@functools.cache
def version() -> str:
    """Identifies the tools in cache keys: the wheel's version."""
    from importlib.metadata import version as package_version

    return f"ziglang {package_version('ziglang')}"


def run_tool(arguments: Sequence[str], *, directory: Path | None = None, text: str = "") -> str:
    """Runs `zig ARGUMENTS...` and returns its standard output. Raises ToolError when it fails."""
    command = [zig_path(), *arguments]
    result = subprocess.run(
        command, cwd=directory, input=text, capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        how = f"exit status {result.returncode}"
        if result.returncode < 0:
            how = f"signal {-result.returncode}"
        summary = f"{arguments[0]} failed with {how}: zig {' '.join(arguments)}"
        raise ToolError(summary, result.stdout + result.stderr)
    return result.stdout
