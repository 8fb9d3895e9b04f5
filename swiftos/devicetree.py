"""Writes the device tree of the default machine, as QEMU describes it."""

import subprocess

from swiftos import emulator, paths, qemu
from swiftos.errors import HarnessError
from swiftos.qemu import Profile


def write_default() -> None:
    """Writes build/virt.dtb; the random seed in it is left out, so the file is reproducible."""
    program = emulator.obtain()
    paths.BUILD.mkdir(exist_ok=True)
    profile = Profile(kernel=paths.KERNEL_ELF)
    dump = f"virt,dtb-randomness=off,dumpdtb={qemu.escape(paths.VIRT_DTB)}"
    argv = [str(program.program), *program.arguments, "-machine", dump, "-cpu", profile.cpu]
    argv += ["-m", profile.memory, "-smp", str(profile.smp), "-nodefaults", "-display", "none"]
    result = subprocess.run(
        argv, env=program.full_environment(), capture_output=True, text=True, check=False
    )
    if result.returncode != 0 or not paths.VIRT_DTB.exists():
        raise HarnessError(f"QEMU wrote no device tree: {result.stderr.strip()}", "./swos doctor")
