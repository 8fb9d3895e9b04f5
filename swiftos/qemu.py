"""Turns a guest profile into QEMU's argument list. Pure: it starts nothing and reads no file.

A profile says what the guest is (machine, memory, CPUs, kernel, disks, clock); the console and the
control channel are the caller's and are added by it. `-nodefaults` keeps out devices that nobody
named; virtio-mmio devices are modern unless a profile asks for the legacy form to test its refusal.
"""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from swiftos import paths
from swiftos.network import NETDEV

SEMIHOSTING_WORD = "semihosting"


class BootPath(Enum):
    """How the kernel gets into memory; the value is the wording of reports."""

    ELF = "direct -kernel (ELF)"
    BINARY = "direct -kernel (flat binary)"


class Clock(Enum):
    """What guest time follows.

    HOST is the default of QEMU. The two others count instructions (shift 3: 8 ns each) and make
    guest time exact; CLOSED also skips idle time and is only for guests that nothing outside
    answers: one that waits for a disk sees its time-outs fire at once.
    """

    HOST = "host"
    COUNTED = "icount shift=3,sleep=on"
    CLOSED = "icount shift=3,sleep=off"


@dataclass(frozen=True)
class Profile:
    """A guest to be run. `memory` is in QEMU's spelling (256M); `gic` is "2", "3" or ""."""

    kernel: Path
    base_image: Path | None = None
    boot_path: BootPath = BootPath.ELF
    memory: str = "256M"
    smp: int = 1
    cpu: str = "cortex-a72"
    gic: str = ""
    clock: Clock = Clock.HOST
    kernel_arguments: str = ""
    has_semihosting: bool = False
    is_legacy_virtio: bool = False
    gdb_port: int | None = None
    network: str = ""
    """The value of `-netdev`, as `swiftos.network` writes it; empty: no interface."""
    capture: Path | None = None
    """Where QEMU writes all frames (pcap)."""
    extra: tuple[str, ...] = ()


def default_profile(boot_path: BootPath = BootPath.ELF) -> Profile:
    """Returns the profile of the built kernel with the built base image."""
    kernel = paths.KERNEL_BIN if boot_path is BootPath.BINARY else paths.KERNEL_ELF
    return Profile(kernel=kernel, base_image=paths.BASE_IMAGE, boot_path=boot_path)


def machine_arguments(profile: Profile) -> list[str]:
    """Returns the arguments that describe the guest, without console and control channel."""
    arguments = ["-machine", _machine(profile), "-cpu", profile.cpu, "-m", profile.memory]
    arguments += ["-smp", str(profile.smp), "-nodefaults", "-no-reboot", "-display", "none"]
    arguments += _clock(profile.clock)
    if not profile.is_legacy_virtio:
        arguments += ["-global", "virtio-mmio.force-legacy=false"]
    if profile.base_image is not None:
        arguments += _base_disk(profile.base_image)
    if profile.network:
        arguments += _network(profile.network, profile.capture)
    if profile.has_semihosting:
        arguments += ["-semihosting-config", "enable=on,target=native"]
    if profile.gdb_port is not None:
        arguments += ["-S", "-gdb", f"tcp:127.0.0.1:{profile.gdb_port}"]
    arguments += ["-kernel", str(profile.kernel)]
    if kernel_arguments := _kernel_arguments(profile):
        arguments += ["-append", kernel_arguments]
    return [*arguments, *profile.extra]


def _machine(profile: Profile) -> str:
    """Returns the -machine value; counted clocks also fix the device tree's random seed."""
    parts = ["virt"]
    if profile.gic:
        parts.append(f"gic-version={profile.gic}")
    if profile.clock is not Clock.HOST:
        parts.append("dtb-randomness=off")
    return ",".join(parts)


def _clock(clock: Clock) -> list[str]:
    """Returns the arguments that set what guest time follows."""
    if clock is Clock.HOST:
        return []
    sleep = "off" if clock is Clock.CLOSED else "on"
    return ["-icount", f"shift=3,sleep={sleep},align=off", "-rtc", "clock=vm"]


def _kernel_arguments(profile: Profile) -> str:
    """Returns the boot arguments; `semihosting` tells the kernel that it may set the exit code."""
    words = profile.kernel_arguments.split()
    if profile.has_semihosting and SEMIHOSTING_WORD not in words:
        words.append(SEMIHOSTING_WORD)
    return " ".join(words)


def _base_disk(image: Path) -> list[str]:
    """Returns the arguments that attach the base image read-only as virtio-blk."""
    drive = f"file={escape(image)},format=raw,if=none,id=swosbase,readonly=on"
    return ["-drive", drive, "-device", "virtio-blk-device,drive=swosbase"]


def _network(netdev: str, capture: Path | None) -> list[str]:
    """Returns the arguments of the interface, and of the file that its frames go to."""
    arguments = ["-netdev", netdev, "-device", f"virtio-net-device,netdev={NETDEV}"]
    if capture is not None:
        dump = f"filter-dump,id=capture,netdev={NETDEV},file={escape(capture)}"
        arguments += ["-object", dump]
    return arguments


def escape(path: Path) -> str:
    """Returns a path as QEMU's option parser wants it: commas doubled."""
    return str(path).replace(",", ",,")
