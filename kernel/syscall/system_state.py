"""`SystemState`: the machine as system calls see it: sizes, CPUs, and how to stop it."""

from __future__ import annotations

from abc import ABC, abstractmethod

from bare import Span, struct, u8, u32, u64
from kernel.arch.aarch64.layout import PAGE_SIZE
from kernel.fs.page_cache import PageCache
from kernel.sched.cpu import Cpu


@struct
class Power(ABC):
    """Stops the machine. `main.py` hands in the platform's way."""

    @abstractmethod
    def power_off(self) -> None:
        """Switches the machine off. Does not return."""

    @abstractmethod
    def restart(self) -> None:
        """Starts the machine anew. Does not return."""


@struct
class CpuSlot:
    """One CPU; None until it is online."""

    cpu: Cpu | None = None


@struct
class SystemState:
    """What was found at boot. Set once by `main.py`."""

    power: Power
    page_cache: PageCache
    build_id: Span[u8]
    cpus: Span[CpuSlot]
    """By number: every CPU that the device tree names."""
    memory_total: u64 = 0
    """Bytes of RAM that the device tree names."""
    kernel_image: u64 = 0
    """Bytes of the kernel's image and its zeroed data."""

    def page_cache_bytes(self) -> u64:
        """Returns the bytes of file pages that are held in memory."""
        return self.page_cache.pages.load() * PAGE_SIZE

    def online_cpus(self) -> u32:
        """Returns the number of CPUs that run threads."""
        count: u32 = 0
        for slot in self.cpus:
            if slot.cpu is not None:
                count += 1
        return count
