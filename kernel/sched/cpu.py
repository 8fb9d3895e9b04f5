"""`Cpu`: what the kernel keeps for one CPU.

`current_cpu` and `current_thread` are for entry points (exceptions, the scheduler itself); other
code gets what it needs as a parameter.
"""

from __future__ import annotations

from bare import inline, struct, u64
from bare.unsafe import object_at
from kernel.arch.aarch64.cpu import CpuBase, this_cpu_address
from kernel.sched.thread import RunQueue, Thread


@struct
class Cpu(CpuBase):
    """One CPU. Written by itself with interrupts masked."""

    queue: RunQueue = inline()
    left: Thread | None = None
    """The thread that the last switch left."""
    fp_owner: Thread | None = None
    """Whose floating-point state the registers hold."""
    online_since_ns: u64 = 0
    interrupts: u64 = 0
    system_calls: u64 = 0
    page_faults: u64 = 0


def current_cpu() -> Cpu:
    """Returns the CPU that runs this code. The thread may move unless interrupts are masked."""
    # SAFETY: what `install_cpu` was given is always a `Cpu`.
    return object_at(Cpu, this_cpu_address())


def current_thread() -> Thread:
    """Returns the running thread."""
    return current_cpu().queue.running
