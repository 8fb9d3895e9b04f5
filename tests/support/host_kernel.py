"""Kernel code compiled for this machine: the tree with what needs a CPU at EL1 replaced.

Interrupts are masked by doing nothing, the CPU's object lies in a variable, and the linear map
begins at 0, so that an address of this process is its own physical address. Everything else is
compiled as it is. A trap ends the process with 100 and its number.
"""

import shutil
from pathlib import Path

from compiler.backend.profile import host_profile
from compiler.build import build_program
from swiftos import paths

FOLDERS = ("abi", "kernel")
INTERRUPTS = '''"""Bare Python: nothing interrupts a test."""

from __future__ import annotations

from bare import u64


def mask_interrupts() -> u64:
    """Does nothing."""
    return 0


def restore_interrupts(state: u64) -> None:
    """Does nothing."""


def unmask_interrupts() -> None:
    """Does nothing."""


def wait_for_interrupt() -> None:
    """Does nothing."""
'''
CPU_ADDRESS = '''
@struct
class CpuAddress:
    """Where the CPU's object is."""

    address: u64 = 0


def kept() -> CpuAddress:
    """Returns the one variable."""
    return static_object(CpuAddress)


def this_cpu_address() -> u64:
    """Returns the address that `install_cpu` was given."""
    return kept().address


def install_cpu(address: u64) -> None:
    """Keeps the address."""
    kept().address = address
'''


def build(root: str, output: Path) -> None:
    """Compiles a module and what it imports to a shared object; `root` may import its folder."""
    tree = output.parent / "host-kernel"
    cache = paths.BUILD / "cache"
    module = Path(*root.split(".")).with_suffix(".py")
    for folder in FOLDERS:
        shutil.copytree(paths.REPOSITORY / folder, tree / folder, dirs_exist_ok=True)
    source = paths.REPOSITORY / module.parent
    shutil.copytree(source, tree / module.parent, dirs_exist_ok=True)
    _replace_machine(tree / "kernel" / "arch" / "aarch64")
    _replace(
        tree / "kernel" / "sync" / "spin_lock.py", "            spin_hint()", "            pass"
    )
    build_program(root, source_root=tree, profile=host_profile(), output=output, cache=cache)


def _replace_machine(arch: Path) -> None:
    (arch / "interrupts.py").write_text(INTERRUPTS)
    _replace(arch / "layout.py", "LINEAR_BASE = 0xFFFF_8000_0000_0000", "LINEAR_BASE = 0")
    cpu = (arch / "cpu.py").read_text()
    _replace(arch / "cpu.py", cpu[cpu.index("def this_cpu_address") :], CPU_ADDRESS.lstrip())
    words = "object_at, read_system_register, write_system_register"
    _replace(arch / "cpu.py", words, "object_at, static_object")


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text, f"{path.name} has changed: {old!r} is not there"
    path.write_text(text.replace(old, new))
