"""What a build makes: the kernel, and one program for each file of the programs' folders.

Targets are found, not listed: adding `user/bin/NAME.py` adds a command.
"""

from dataclasses import dataclass
from pathlib import Path

from swiftos import paths

SHARED_SOURCES = ("compiler", "bare", "abi")
PROGRAM_SOURCES = (*SHARED_SOURCES, "user/lib")
KERNEL_SOURCES = (*SHARED_SOURCES, "kernel", "boards")


@dataclass(frozen=True)
class Target:
    """One ELF file to be compiled. `sources` are the files and folders that it depends on;
    `beside` is what the compiler writes besides the output."""

    name: str
    module: str
    profile: str
    output: Path
    sources: tuple[Path, ...]
    beside: tuple[Path, ...] = ()


def kernel_target() -> Target:
    """Returns the kernel's target; the flat binary is written beside the ELF file."""
    sources = tuple(paths.REPOSITORY / folder for folder in KERNEL_SOURCES)
    beside = (paths.KERNEL_BIN,)
    return Target("kernel", "kernel.main", "kernel", paths.KERNEL_ELF, sources, beside)


def program_target(path: Path) -> Target:
    """Returns the target of a program's file, like `user/bin/ls.py`."""
    module = path.relative_to(paths.REPOSITORY).with_suffix("")
    folder = paths.PROGRAMS if module.parts[0] == "user" else paths.TEST_PROGRAMS
    sources = (*(paths.REPOSITORY / name for name in PROGRAM_SOURCES), path)
    output = folder / f"{path.stem}.elf"
    return Target(str(module), ".".join(module.parts), "user", output, sources)


def program_files(pattern: str) -> list[Path]:
    """Returns the programs' files that match a pattern of the repository, like `user/bin/*`."""
    found = paths.REPOSITORY.glob(f"{pattern}.py")
    return sorted(path for path in found if path.stem != "__init__")
