"""Describes the host: what identifies it, and what it was doing meanwhile. Reads, never changes."""

import os
import platform
from pathlib import Path

from swiftos.evidence.record import Conditions, HostIdentity

KIB_PER_MIB = 1024
GOVERNOR = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")


def identify() -> HostIdentity:
    """Returns what must match between host-time figures; no measured rate is part of it."""
    return HostIdentity(
        cpu_model=_cpu_field("model name") or platform.processor() or platform.machine(),
        logical_cpus=os.cpu_count() or 1,
        memory_mib=_memory_kib("MemTotal") // KIB_PER_MIB,
        system=_system(),
        kernel_release=platform.release(),
    )


def observe() -> Conditions:
    """Returns the state of the host at this moment; 0 where the host does not tell."""
    uptime = _text(Path("/proc/uptime")).split()
    frequency = _cpu_field("cpu MHz")
    return Conditions(
        load=round(os.getloadavg()[0], 2),
        free_memory_mib=_memory_kib("MemAvailable") // KIB_PER_MIB,
        uptime_s=int(float(uptime[0])) if uptime else 0,
        frequency_mhz=int(float(frequency)) if frequency else 0,
        other_emulators=_emulator_count(),
        governor=_text(GOVERNOR).strip(),
    )


def _system() -> str:
    """Returns the name of the operating system."""
    for line in _text(Path("/etc/os-release")).splitlines():
        if line.startswith("PRETTY_NAME="):
            return line.partition("=")[2].strip('"')
    return f"{platform.system()} {platform.mac_ver()[0]}".strip()


def _cpu_field(name: str) -> str:
    for line in _text(Path("/proc/cpuinfo")).splitlines():
        if line.startswith(name):
            return line.partition(":")[2].strip()
    return ""


def _memory_kib(name: str) -> int:
    for line in _text(Path("/proc/meminfo")).splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    return 0


def _emulator_count() -> int:
    """Counts QEMU processes of all users."""
    names = (_text(folder / "comm") for folder in Path("/proc").glob("[0-9]*"))
    return sum(name.startswith("qemu-system") for name in names)


def _text(path: Path) -> str:
    """Returns a file's text, or nothing where it cannot be read."""
    try:
        return path.read_text()
    except OSError:
        return ""
