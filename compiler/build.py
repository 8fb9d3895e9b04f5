"""The build driver: from a root module to a linked program, from the cache where nothing changed.

`build_program` builds one; `build_many` builds several in parallel processes. Both are pure
functions of sources, compiler and profile: the same input gives the same bytes. Errors in the
program raise `compiler.frontend.diagnostics.CompileError`; a tool that fails raises
`compiler.backend.toolchain.ToolError`.
"""

from __future__ import annotations

import gc
import hashlib
import multiprocessing
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from compiler import manifest
from compiler.backend import linetable
from compiler.backend.callframes import declare_scratch_registers
from compiler.backend.elf import ElfFile, flat_image
from compiler.backend.emit import emit_program
from compiler.backend.link import compile_native, compile_units, link
from compiler.backend.profile import Profile
from compiler.backend.text import quote_bytes
from compiler.frame_check import FrameCheck
from compiler.frontend.diagnostics import CompileError, Diagnostic
from compiler.ir.program import Program
from compiler.pipeline import compile_program

MEMORY_MODULE = "compiler.runtime.memory"
LIVENESS_MODULE = "compiler.runtime.liveness"
JOBS = 2


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """One program to build."""

    root: str
    output: Path
    profile: Profile


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build made. `flat` is the flat image, for profiles that want one."""

    root: str
    output: Path
    flat: Path | None
    is_cached: bool
    seconds: float


def build_program(
    root: str,
    *,
    source_root: Path,
    profile: Profile,
    output: Path,
    cache: Path,
    jobs: int = JOBS,
) -> BuildResult:
    """Builds the program with root module `root` into `output`."""
    began = time.monotonic()
    flat = output.with_suffix(".bin") if profile.flat_binary else None
    request = f"{root}\0{profile}\0{output}"
    roots = [source_root.resolve(), manifest.LIBRARY_ROOT]
    known = manifest.load(cache, request)
    if known is not None and manifest.is_current(known, roots):
        return BuildResult(root, output, flat, True, time.monotonic() - began)
    cache.mkdir(parents=True, exist_ok=True)
    with collection_paused(), FrameCheck() as frame_check:
        program = compile_program(
            root,
            source_root=source_root,
            runtime=profile.runtime,
            debug=profile.debug,
            cache=cache / "constants",
            frames=frame_check.begin,
        )
        linked = _build(program, source_root, profile, output, cache, jobs)
        frame_check.finish()
        linked.replace(output)
        outputs = [output]
        if flat is not None:
            flat.write_bytes(flat_image(ElfFile(output.read_bytes())))
            outputs.append(flat)
        sources = list(program.sources.values())
        if profile.linker_script is not None:
            sources.append(profile.linker_script)
        manifest.save(cache, request, sources, roots, outputs)
    return BuildResult(root, output, flat, False, time.monotonic() - began)


@contextmanager
def collection_paused() -> Iterator[None]:
    """Keeps the garbage collector from walking the growing tree: a third of a build's own time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _build(
    program: Program, source_root: Path, profile: Profile, output: Path, cache: Path, jobs: int
) -> Path:
    """Returns the linked program, beside the place where it belongs."""
    units = emit_program(program, profile)
    objects = compile_units(units, profile, cache, jobs)
    if not profile.is_hosted:
        objects.append(_library_object(MEMORY_MODULE, profile, cache))
    if profile.debug:
        objects.append(_library_object(LIVENESS_MODULE, profile, cache))
    script = None
    if profile.linker_script is not None:
        roots = [source_root, manifest.LIBRARY_ROOT]
        script = manifest.find_source(profile.linker_script, roots)
    linked = output.with_name(f".{output.name}.{os.getpid()}.linked")
    if profile.line_table:
        _link_with_line_table(objects, profile, script, linked, cache, jobs)
    else:
        link(objects, profile, script, linked, cache, jobs)
    return linked


def _link_with_line_table(
    objects: list[str],
    profile: Profile,
    script: Path | None,
    output: Path,
    cache: Path,
    jobs: int,
) -> None:
    """Links twice: the table is made from the first result and lies behind the second's code."""
    empty = _table_object(linetable.empty_table(), profile, cache)
    link([*objects, empty], profile, script, output, cache, jobs)
    first = ElfFile(output.read_bytes())
    table = _table_object(linetable.build_table(first), profile, cache)
    link([*objects, table], profile, script, output, cache, jobs)
    second = output.read_bytes()
    if ElfFile(second).functions() != first.functions():
        raise RuntimeError("code moved when the line table was linked: it must come after .text")
    output.write_bytes(declare_scratch_registers(second))


def _table_object(table: bytes, profile: Profile, cache: Path) -> str:
    text = (
        f'target triple = "{profile.triple}"\n'
        f'@{linetable.SYMBOL} = constant [{len(table)} x i8] c"{quote_bytes(table)}", '
        f'section "{linetable.SECTION}", align 8\n'
    )
    return compile_native("line table", text, profile, cache)


def _library_object(module: str, profile: Profile, cache: Path) -> str:
    """A module that every program has, out of reach of link-time optimisation."""
    key = hashlib.sha256(f"{manifest.compiler_hash()}\0{profile}".encode()).hexdigest()[:32]
    name = f"objects/{module}-{key}.o"
    if not (cache / name).exists():
        program = compile_program(module, source_root=manifest.LIBRARY_ROOT, check=False)
        (unit,) = emit_program(program, profile)
        shutil.copyfile(cache / compile_native(unit.name, unit.text, profile, cache), cache / name)
    return name


def build_many(
    requests: Sequence[BuildRequest], *, source_root: Path, cache: Path, jobs: int = JOBS
) -> list[BuildResult | CompileError]:
    """Builds several programs; errors in a program are returned in its place."""
    results: list[BuildResult | list[Diagnostic]]
    if jobs <= 1 or len(requests) <= 1:
        results = [_build_one(request, source_root, cache, jobs) for request in requests]
    else:
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(max_workers=jobs, mp_context=context) as pool:
            futures = [
                pool.submit(_build_one, request, source_root, cache, 1) for request in requests
            ]
            results = [future.result() for future in futures]
    return [CompileError(found) if isinstance(found, list) else found for found in results]


def _build_one(
    request: BuildRequest, source_root: Path, cache: Path, jobs: int
) -> BuildResult | list[Diagnostic]:
    """Diagnostics instead of the exception: they can cross to another process."""
    try:
        return build_program(
            request.root,
            source_root=source_root,
            profile=request.profile,
            output=request.output,
            cache=cache,
            jobs=jobs,
        )
    except CompileError as error:
        return error.diagnostics
