"""The compiler's steps from source to a whole `Program`, as a list of named steps.

`compile_program` is for the back end, `compile_library` for checked execution; both raise
`CompileError` with every error found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from compiler.frontend.front_end import FrontEnd
from compiler.frontend.symbols import FunctionEntity
from compiler.ir.program import Program
from compiler.ir.verifier import verify_program
from compiler.lower.assemble import assemble
from compiler.lower.call_targets import call_targets
from compiler.lower.escape import check_escapes

RUNTIME_FUNCTIONS = ("print_message", "trap_message")


def check_frames(front_end: FrontEnd) -> None:
    """Refuses references that outlive their frame; raises CompileError."""
    targets = call_targets(front_end)
    check_escapes(front_end.functions, targets, front_end.structs, front_end.diagnostics)
    front_end.diagnostics.raise_if_any()


def compile_program(
    root: str,
    *,
    source_root: Path,
    runtime: str | None = None,
    debug: bool = False,
    cache: Path | None = None,
    roots: Iterable[str] = (),
    check: bool = True,
    verify: bool = False,
    frames: Callable[[FrontEnd], None] = check_frames,
) -> Program:
    """The program with root module `root`; `roots` are further functions of it to keep, by name.

    With `check`, functions that the program does not reach are typed too. With `verify`, the IR is
    held to its rules; a violation is a bug of the compiler and raises RuntimeError.
    `frames` checks, or begins to check, that no reference outlives its frame.
    """
    front_end = FrontEnd(source_root, cache)
    front_end.load(root, () if runtime is None else (runtime,))
    front_end.diagnostics.raise_if_any()
    if runtime is not None:
        front_end.has_print = front_end.find_signature(runtime, "print_message") is not None
    kept = find_roots(front_end, root, runtime, list(roots))
    front_end.run()
    if check:
        front_end.check_everything()
    front_end.diagnostics.raise_if_any()
    frames(front_end)
    entry = f"{root}.main"
    program = assemble(front_end, root, runtime, entry if entry in kept else None, kept)
    front_end.diagnostics.raise_if_any()
    if verify:
        verify_or_fail(program)
    return program


def verify_or_fail(program: Program) -> None:
    """Raises RuntimeError with the first violations of the IR's rules."""
    problems = verify_program(program)
    if problems:
        raise RuntimeError("the compiler made unsound IR:\n" + "\n".join(problems[:5]))


def find_roots(front_end: FrontEnd, root: str, runtime: str | None, names: list[str]) -> list[str]:
    """Symbols that are kept: `main`, what is exported, what the runtime is called for."""
    kept: dict[str, None] = {}
    wanted = [(root, "main"), *((root, name) for name in names)]
    if runtime is not None:
        wanted += [(runtime, name) for name in RUNTIME_FUNCTIONS]
    for module, name in wanted:
        signature = front_end.find_signature(module, name)
        if signature is not None:
            front_end.request(signature)
            kept[signature.symbol] = None
    for module in sorted(front_end.loader.modules):
        for entity in front_end.scopes.scopes[module].values():
            if isinstance(entity, FunctionEntity) and "__symbol__" in entity.extra:
                signature = front_end.find_signature(entity.module.name, entity.name)
                if signature is not None and signature.symbol not in kept:
                    front_end.request(signature)
                    kept[signature.symbol] = None
    request_formatting(front_end)
    return list(kept)


def request_formatting(front_end: FrontEnd) -> None:
    """Checks what writing messages may need; `assemble` keeps what is used."""
    for module in ("bare.lib.format", "bare.lib.format_float"):
        for name, entity in front_end.scopes.scopes.get(module, {}).items():
            if isinstance(entity, FunctionEntity) and name.startswith("format_"):
                signature = front_end.find_signature(module, name)
                if signature is not None:
                    front_end.request(signature)
    writer = front_end.scopes.find_class("bare.lib.writer.Writer")
    if writer is not None:
        type = front_end.annotations.class_type(writer)
        front_end.request_virtual(front_end.structs.info(str(type)), "write")


def check_modules(modules: list[str], *, source_root: Path, cache: Path | None = None) -> FrontEnd:
    """Types modules and all that they import; the errors are in the result's `diagnostics`."""
    is_kernel = any(name.startswith("kernel.") for name in modules)
    front_end = FrontEnd(source_root, cache, has_print=not is_kernel)
    front_end.load(modules[0], modules[1:])
    if all(name in front_end.scopes.scopes for name in modules):
        front_end.check_everything()
    if not front_end.diagnostics.found:
        targets = call_targets(front_end)
        check_escapes(front_end.functions, targets, front_end.structs, front_end.diagnostics)
    return front_end


def compile_library(modules: list[str], *, source_root: Path, cache: Path | None = None) -> Program:
    """All functions and methods of `modules` that are not generic, and what they reach."""
    front_end = FrontEnd(source_root, cache)
    front_end.load(modules[0], modules[1:])
    front_end.diagnostics.raise_if_any()
    request_formatting(front_end)
    front_end.check_everything()
    front_end.diagnostics.raise_if_any()
    check_frames(front_end)
    kept = [
        symbol
        for symbol, function in front_end.functions.items()
        if function.module in modules or is_method_of_loaded(front_end, symbol)
    ]
    return assemble(front_end, modules[0], None, None, sorted(kept))


def is_method_of_loaded(front_end: FrontEnd, symbol: str) -> bool:
    """Whether a function is a method of a struct that the library names."""
    owner, _, _ = symbol.rpartition(".")
    return owner in front_end.structs.infos
