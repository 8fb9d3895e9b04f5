"""`python -m compiler check|ir|emit|build MODULE...`: the compiler's command line.

`check` types modules and all that they import. `ir` prints a program's typed tree, after holding it
to its rules with `--check`. `emit` prints the LLVM text of a program, or of
those of its modules that `--unit` names. `build` links a program into `--output`. Exit code 0 if
there are no errors, 1 if the program has errors, 2 if a tool failed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from compiler.backend.emit import emit_program
from compiler.backend.profile import profile_named
from compiler.backend.toolchain import ToolError
from compiler.build import build_program
from compiler.frontend.diagnostics import CompileError, Diagnostic, render
from compiler.frontend.source import Source
from compiler.ir.printer import print_function, print_program
from compiler.manifest import LIBRARY_ROOT, find_source
from compiler.pipeline import check_modules, compile_program

DEFAULT_CACHE = Path("build") / "cache"


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line."""
    options = make_parser().parse_args(arguments)
    try:
        if options.command == "check":
            found = check_modules(options.modules, source_root=options.root, cache=options.cache)
            return show(found.diagnostics.sorted(), options.root)
        for name in options.modules:
            if options.command == "ir":
                print_ir(name, options)
            elif options.command == "emit":
                emit(name, options)
            else:
                build(name, options)
    except CompileError as error:
        return show(error.diagnostics, options.root)
    except ToolError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def make_parser() -> argparse.ArgumentParser:
    """The command line's grammar."""
    parser = argparse.ArgumentParser(prog="python -m compiler", description=__doc__)
    parser.add_argument("command", choices=("check", "ir", "emit", "build"))
    parser.add_argument("modules", nargs="+")
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="source root")
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE, help="folder for results")
    parser.add_argument("--profile", default="host", help="kernel, user, semihost or host; -debug")
    parser.add_argument("--check", action="store_true", help="verify the IR")
    parser.add_argument("--unit", action="append", default=[], help="a module to emit; repeatable")
    parser.add_argument("--output", type=Path, help="file to build; default build/NAME.PROFILE")
    return parser


def print_ir(name: str, options: argparse.Namespace) -> None:
    """Prints the typed tree, of the functions in the modules that `--unit` names or of all."""
    profile = profile_named(options.profile)
    program = compile_program(
        name, source_root=options.root, runtime=profile.runtime, verify=options.check
    )
    if not options.unit:
        print(print_program(program), end="")
    for function in program.functions.values():
        if function.module in options.unit:
            print(print_function(function), end="\n\n")


def emit(name: str, options: argparse.Namespace) -> None:
    """Prints LLVM text."""
    profile = profile_named(options.profile)
    program = compile_program(
        name, source_root=options.root, runtime=profile.runtime, debug=profile.debug
    )
    for unit in emit_program(program, profile):
        if not options.unit or unit.name in options.unit:
            print(unit.text)


def build(name: str, options: argparse.Namespace) -> None:
    """Builds one program and says where it is."""
    output = options.output or Path("build") / f"{name}.{options.profile}"
    result = build_program(
        name,
        source_root=options.root,
        profile=profile_named(options.profile),
        output=output,
        cache=options.cache,
    )
    how = "unchanged" if result.is_cached else "built"
    print(f"{result.output}: {how} in {result.seconds:.2f} s")


def show(diagnostics: list[Diagnostic], source_root: Path) -> int:
    """Prints errors; the exit code."""

    def source_of(path: str) -> Source | None:
        place = find_source(path, [source_root, LIBRARY_ROOT])
        return Source(path, place.read_text(encoding="utf-8")) if place.is_file() else None

    for diagnostic in diagnostics:
        print(render(diagnostic, source_of), end="\n\n")
    if diagnostics:
        print(f"{len(diagnostics)} errors", file=sys.stderr)
    return 1 if diagnostics else 0


if __name__ == "__main__":
    sys.exit(main())
