"""The program that a runtime serves, seen from the runtime.

A runtime module is linked into every program of its kind and holds the entry point. Compiled with
a root module, `main` is that module's `main`, `HELP` its docstring and `NAME` the last part of its
name. In a plain import there is no program.
"""

from __future__ import annotations

from typing import Any

NAME: str = ""
HELP: str = ""


def main(*arguments: Any) -> Any:
    """Calls the program's `main`."""
    raise TypeError("bare.program.main() exists in compiled programs only")
