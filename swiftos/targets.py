"""What a build makes: the kernel and one program a file in user/bin and user/sbin.

Targets are found, not listed: adding `user/bin/NAME.py` adds a command.
"""

from dataclasses import dataclass
from pathlib import Path

from swiftos import paths

SHARED_SOURCES = ("compiler", "bare", "abi")
PROGRAM_FOLDERS = ("bin", "sbin")


@dataclass(frozen=True)
class Target:
    """One ELF file to be compiled. `sources` are the files and folders that it depends on."""

    name: str
    module: str
    profile: str
    output: Path
    sources: tuple[Path, ...]


def kernel_target() -> Target:
    """Returns the kernel's target; the flat binary is written beside the ELF file."""
    return Target("kernel", "kernel.main", "kernel", paths.KERNEL_ELF, _sources("kernel", "boards"))


def program_targets() -> list[Target]:
    """Returns the programs' targets, by name."""
    found = []
    for folder in PROGRAM_FOLDERS:
        for path in sorted((paths.REPOSITORY / "user" / folder).glob("*.py")):
            if path.stem != "__init__":
                found.append(_program(folder, path))
    return found


def program_path(target: Target) -> str:
    """Returns where a program lies in the image, like `bin/ls`."""
    return target.name


def _program(folder: str, path: Path) -> Target:
    sources = (*_sources("user/lib"), path)
    module = f"user.{folder}.{path.stem}"
    output = paths.PROGRAMS / f"{path.stem}.elf"
    return Target(f"{folder}/{path.stem}", module, "user", output, sources)


def _sources(*folders: str) -> tuple[Path, ...]:
    return tuple(paths.REPOSITORY / folder for folder in (*SHARED_SOURCES, *folders))
