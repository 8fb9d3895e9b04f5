"""The three executions of the `run_` programs, and what each of them did.

Checked execution loads all programs as one library. For host and target all programs are linked
into one, with a generated root: it runs those that end one after the other, and one that traps
where its number was selected, by an environment variable on the host and by a word in memory on
the target.
"""

from __future__ import annotations

import functools
import os
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import bare
from bare import traps
from bare.checked.loading import LoadedModule
from compiler.backend.profile import Profile
from compiler.build import build_program
from compiler.runtime.harness import TRAP_STATUS, Execution, run_on_host, run_on_target

FOLDER = Path(__file__).parent
REPOSITORY = FOLDER.parents[1]
CACHE = REPOSITORY / "build" / "cache" / "tests"
SELECTOR = "BARE_PROGRAM"
SELECTOR_ADDRESS = 0x43F0_0000
"""In the RAM of the target, above the program."""

BOOTS = 2
"""Emulators at a time."""

PROGRAMS = sorted(path.stem for path in FOLDER.glob("run_*.py"))
TRAPPING = [name for name in PROGRAMS if "_trap_" in name]
ENDING = [name for name in PROGRAMS if name not in TRAPPING]
END = re.compile(r"@@ (run_\w+)\n")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a program printed, and the trap that ended it: its kind, and its line where known."""

    output: str
    trap: str = ""
    line: int | None = None


def expected(name: str) -> Outcome:
    """Reads what a program must do; the last line may be `! KIND LINE`."""
    text = (FOLDER / f"{name}.expected").read_text()
    output, _, trap = text.rpartition("! ") if name in TRAPPING else (text, "", "")
    kind, _, line = trap.strip().partition(" ")
    return Outcome(output, kind, int(line) if line else None)


# --- checked


def load_all() -> LoadedModule:
    """Loads all programs for checked execution."""
    loaded: LoadedModule = bare.load(*(f"tests.bare.{name}" for name in PROGRAMS))
    return loaded


def run_checked(library: LoadedModule, name: str) -> Outcome:
    """Runs a program under `bare.load`."""
    library.program.output = bytearray()
    kind, line = "", None
    try:
        library.module(f"tests.bare.{name}").main()
    except traps.Trap as trap:
        kind, line = type(trap).__name__, last_line(trap.__traceback__)
    output = library.program.output.decode("utf-8", "surrogateescape")
    return Outcome(output, kind, line)


def last_line(traceback: TracebackType | None) -> int | None:
    """Returns the line of the innermost frame."""
    line = None
    while traceback is not None:
        line, traceback = traceback.tb_lineno, traceback.tb_next
    return line


# --- compiled


def root_source(names: list[str], selected: str) -> str:
    """Writes the root module of a program that holds all others."""
    imports = [f"from tests.bare.{name} import main as {name}" for name in names]
    lines = ["    chosen = selected()"]
    for number, name in enumerate(names):
        if name in TRAPPING:
            lines += [f"    if chosen == {number}:", f"        {name}()"]
    for name in names:
        if name not in TRAPPING:
            lines += [f"    {name}()", f'    print("@@ {name}")']
    return "\n".join(
        [
            '"""All programs in one."""',
            "from bare import u64",
            "from bare.unsafe import Pointer, address_of, call_at, linker_symbol",
            *imports,
            "def selected() -> u64:",
            '    """Returns the number of the program that is to run."""',
            *(f"    {line}" for line in selected.splitlines()),
            "def main() -> None:",
            '    """Runs them."""',
            *lines,
            "",
        ]
    )


HOST_SELECTION = f"""\
name = b"{SELECTOR}\\0"
text = call_at(linker_symbol("getenv"), address_of(name))
return call_at(linker_symbol("atol"), text)"""
TARGET_SELECTION = f"return Pointer[u64]({SELECTOR_ADDRESS:#x}).load()"
NONE_SELECTED = len(PROGRAMS)


def build_all(profile: Profile, folder: Path, names: list[str] = PROGRAMS) -> Path:
    """Builds programs as one for a profile and returns it."""
    selection = HOST_SELECTION if profile.is_hosted else TARGET_SELECTION
    root = f"all_on_{profile.name.replace('-', '_')}"
    (folder / f"{root}.py").write_text(root_source(names, selection))
    output = folder / f"{root}{'.so' if profile.is_hosted else '.elf'}"
    build_program(root, source_root=folder, profile=profile, output=output, cache=CACHE)
    return output


def run_selected(program: Path, number: int) -> Execution:
    """Runs the program with a selection."""
    if program.suffix == ".so":
        os.environ[SELECTOR] = str(number)
        return run_on_host(program)
    selection = f"loader,addr={SELECTOR_ADDRESS:#x},data={number},data-len=8"
    return run_on_target(program, "-device", selection)


def run_compiled(program: Path) -> dict[str, Outcome]:
    """Runs all programs in a built one."""
    execution = run_selected(program, NONE_SELECTED)
    pieces = END.split(execution.output)
    outcomes = {name: Outcome(text) for text, name in zip(pieces[:-1:2], pieces[1::2], strict=True)}
    if execution.status != 0:
        unfinished = next(name for name in ENDING if name not in outcomes)
        outcomes[unfinished] = Outcome(pieces[-1], f"status {execution.status}")
    numbers = [PROGRAMS.index(name) for name in TRAPPING]
    with ThreadPoolExecutor(max_workers=1 if program.suffix == ".so" else BOOTS) as pool:
        executions = pool.map(functools.partial(run_selected, program), numbers)
        for name, one in zip(TRAPPING, executions, strict=True):
            outcomes[name] = trapped(one)
    return outcomes


def trapped(execution: Execution) -> Outcome:
    """What a program did that must have trapped; the status and the traceback must agree."""
    if execution.status < TRAP_STATUS:
        return Outcome(execution.output, f"status {execution.status}")
    agrees = traps.TRAPS[execution.status - TRAP_STATUS].__name__ == execution.kind
    kind = execution.kind if agrees else f"{execution.kind} with status {execution.status}"
    return Outcome(execution.output, kind, execution.line)
