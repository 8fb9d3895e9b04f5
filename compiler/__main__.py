"""`python -m compiler check|emit MODULE...`: types modules, or prints their IR.

Exit code 0 if there are no errors, 1 if there are.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from compiler.frontend.diagnostics import render
from compiler.frontend.front_end import FrontEnd


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line."""
    parser = argparse.ArgumentParser(prog="python -m compiler", description=__doc__)
    parser.add_argument("command", choices=("check", "emit", "build"))
    parser.add_argument("modules", nargs="+")
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="source root")
    parser.add_argument("--cache", type=Path, default=None, help="folder for compile-time answers")
    options = parser.parse_args(arguments)
    status = 0
    for name in options.modules:
        status |= check(name, options.root, options.cache)
    return status


def check(name: str, source_root: Path, cache: Path | None) -> int:
    """Types a module and all that it imports."""
    front_end = FrontEnd(source_root, cache)
    front_end.load(name)
    if name in front_end.scopes.scopes:
        front_end.check_everything()
    found = front_end.diagnostics.sorted()
    for diagnostic in found:
        print(render(diagnostic, front_end.source_of), end="\n\n")
    if found:
        print(f"{len(found)} errors", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
