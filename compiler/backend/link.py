"""From LLVM text to a linked file: objects in a content-addressed cache, ThinLTO, lld.

Optimised builds keep each unit as bitcode; lld then inlines across units (ThinLTO) and caches the
machine code of each. Debug builds make plain objects. File names are hashes of contents and lld
runs inside the cache folder, so no path of this machine gets into an output.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from compiler.backend.emit import UnitText
from compiler.backend.profile import Profile
from compiler.backend.toolchain import ToolError, run_tool, version


def compile_units(units: Sequence[UnitText], profile: Profile, cache: Path, jobs: int) -> list[str]:
    """Compiles what is not in the cache; the names of the object files, relative to `cache`."""
    flags = _compile_flags(profile)
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        return list(pool.map(lambda unit: _compile_unit(unit, flags, cache), units))


def compile_native(name: str, text: str, profile: Profile, cache: Path) -> str:
    """Compiles text that must not take part in link-time optimisation."""
    flags = [flag for flag in _compile_flags(profile) if flag != "-flto=thin"]
    return _compile_unit(UnitText(name, text), flags, cache)


def _compile_flags(profile: Profile) -> list[str]:
    flags = [f"--target={profile.triple}", "-ffp-contract=off", "-fno-ident"]
    flags += ["-ffunction-sections", "-fdata-sections", "-Wno-override-module"]
    if profile.is_hosted:
        flags.append("-fPIC")
    return flags + (["-O0"] if profile.debug else ["-O2", "-flto=thin", *_inline_limit(profile)])


def _inline_limit(profile: Profile) -> list[str]:
    if profile.inline_limit is None:
        return []
    return ["-mllvm", f"-inline-threshold={profile.inline_limit}"]


def _compile_unit(unit: UnitText, flags: Sequence[str], cache: Path) -> str:
    key = hashlib.sha256("\0".join([version(), *flags, unit.text]).encode()).hexdigest()[:32]
    name = f"objects/{key}.o"
    path = cache / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.partial")
        try:
            run_tool(["clang", *flags, "-x", "ir", "-c", "-", "-o", str(partial)], text=unit.text)
        except ToolError as error:
            rejected = path.with_suffix(".ll")
            rejected.write_text(unit.text, encoding="utf-8")
            summary = f"LLVM refuses the code of {unit.name}, kept in {rejected}"
            raise ToolError(summary, error.output) from error
        partial.replace(path)
    return name


def link(
    objects: Sequence[str],
    profile: Profile,
    script: Path | None,
    output: Path,
    cache: Path,
    jobs: int,
) -> None:
    """Links object files (names relative to `cache`) into `output`."""
    arguments = ["ld.lld", "-O2", "--gc-sections", "-z", "max-page-size=4096"]
    arguments.append("--build-id=sha1" if profile.build_id else "--build-id=none")
    arguments += ["-z", "noexecstack", "--no-undefined-version"]
    if not profile.debug:
        (cache / "thinlto").mkdir(parents=True, exist_ok=True)
        arguments += ["--lto-O2", f"--thinlto-jobs={jobs}", "--thinlto-cache-dir=thinlto"]
        arguments += _inline_limit(profile)
    if profile.is_hosted:
        arguments += ["-shared", "-Bsymbolic", "--eh-frame-hdr"]
    else:
        arguments += ["-static", "-z", "norelro", "--orphan-handling=warn"]
        if script is not None:
            arguments += ["-T", str(script.resolve())]
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = output.with_name(f".{output.name}.{os.getpid()}.partial").resolve()
    run_tool([*arguments, *objects, "-o", str(partial)], directory=cache)
    partial.replace(output)
