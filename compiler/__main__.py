"""`python -m compiler check|emit MODULE...`: types modules, or prints their IR.

Exit code 0 if there are no errors, 1 if there are.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from compiler.frontend.diagnostics import render
from compiler.pipeline import check_modules


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line."""
    parser = argparse.ArgumentParser(prog="python -m compiler", description=__doc__)
    parser.add_argument("command", choices=("check", "emit", "build"))
    parser.add_argument("modules", nargs="+")
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="source root")
    parser.add_argument("--cache", type=Path, default=None, help="folder for compile-time answers")
    options = parser.parse_args(arguments)
    return check(options.modules, options.root, options.cache)


def check(names: list[str], source_root: Path, cache: Path | None) -> int:
    """Types modules and all that they import."""
    front_end = check_modules(names, source_root=source_root, cache=cache)
    found = front_end.diagnostics.sorted()
    for diagnostic in found:
        print(render(diagnostic, front_end.source_of), end="\n\n")
    if found:
        print(f"{len(found)} errors", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
