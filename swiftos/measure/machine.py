"""The guests that measurements boot: which build, which clock, which network.

A counted guest has a counter of 125 MHz: one tick is one instruction of 8 ns, so that the phase of
the counter, which idle time leaves anywhere, cannot be seen in a result.
"""

import os
import time
from dataclasses import dataclass, replace
from pathlib import Path

from swiftos import artifacts, network, paths
from swiftos.errors import UsageError
from swiftos.guest import Guest
from swiftos.network import Forward
from swiftos.qemu import BootPath, Clock, Profile

COUNTER_HZ = 125_000_000
NS_PER_S = 1_000_000_000


@dataclass(frozen=True)
class Variant:
    """A build to be measured: `label` is its arm in the record, `folder` its artifacts."""

    label: str
    folder: Path

    def profile(self, boot_path: BootPath, memory: str) -> Profile:
        """Returns the guest made of the build. Raises MissingToolError where it is not built."""
        name = paths.KERNEL_BIN.name if boot_path is BootPath.BINARY else paths.KERNEL_ELF.name
        kernel, image = self.folder / name, self.folder / paths.BASE_IMAGE.name
        artifacts.require(kernel, image)
        return Profile(kernel=kernel, base_image=image, boot_path=boot_path, memory=memory)


def variants(beside: Path | None) -> list[Variant]:
    """Returns this tree's build; before it another, of the build folder or checkout `beside`.

    The other one is the first of a comparison: it is what this tree is compared with.
    """
    if beside is None:
        return [Variant("A", paths.BUILD)]
    for folder in (beside.resolve(), beside.resolve() / paths.BUILD.name):
        if (folder / paths.KERNEL_ELF.name).exists():
            return [Variant("A", folder), Variant("B", paths.BUILD)]
    raise UsageError(f"{beside} holds no build", "name a checkout that is built, or its build/")


def counted(profile: Profile) -> Profile:
    """Returns the guest with a clock that counts instructions."""
    cpu = f"{profile.cpu},cntfrq={COUNTER_HZ}"
    return replace(profile, clock=Clock.COUNTED, cpu=cpu)


def connected(profile: Profile, guest_ports: tuple[int, ...]) -> tuple[Profile, list[Forward]]:
    """Returns the guest behind QEMU's router, and the forwards that lead to its TCP ports."""
    return forwarded(profile, [Forward(0, port) for port in guest_ports])


def forwarded(profile: Profile, wanted: list[Forward]) -> tuple[Profile, list[Forward]]:
    """Returns the guest behind QEMU's router, and the forwards with the host's ports filled in."""
    forwards = network.with_ports(wanted)
    return replace(profile, network=network.user_network(forwards)), forwards


@dataclass(frozen=True)
class HostTime:
    """A moment of a running QEMU: the host's monotonic clock, and the CPU time used so far."""

    wall_s: float
    cpu_s: float | None


def host_time(guest: Guest) -> HostTime:
    """Reads both clocks; `cpu_s` is None where the host does not tell."""
    return HostTime(time.monotonic(), cpu_seconds(guest.pid))


def cpu_seconds(pid: int) -> float | None:
    """Returns the CPU time of all threads of a process that have not ended (Linux)."""
    folder = f"/proc/{pid}/task"
    try:
        used_ns = 0
        for thread in os.listdir(folder):
            with open(f"{folder}/{thread}/schedstat") as file:
                used_ns += int(file.read().split()[0])
        return used_ns / NS_PER_S
    except (OSError, ValueError, IndexError):
        return None
