"""`Call`: one system call being served, what every body gets first; and `Services`, the kernel
behind it.
"""

from __future__ import annotations

from abi.errno import EPERM
from bare import raises, struct, u64
from kernel.arch.aarch64.exceptions import TrapFrame
from kernel.device.log import Log
from kernel.fs.mounts import Mounts
from kernel.ipc.epoll import EpollRegistry
from kernel.mm.address_space import Memory
from kernel.net.socket.layer import SocketLayer
from kernel.proc.exec import ProgramLoader
from kernel.proc.fork import ProcessFactory
from kernel.proc.process import Process, UserThread
from kernel.proc.table import ProcessTable
from kernel.sched.scheduler import Scheduler
from kernel.security.random import RandomGenerator
from kernel.syscall.system_state import SystemState
from kernel.time.clock import Clock


@struct
class Services:
    """The parts of the kernel that system calls use. Made once by `main.py`."""

    scheduler: Scheduler
    processes: ProcessTable
    factory: ProcessFactory
    loader: ProgramLoader
    memory: Memory
    mounts: Mounts
    clock: Clock
    log: Log
    random: RandomGenerator
    system: SystemState
    sockets: SocketLayer
    epolls: EpollRegistry


@struct
class Call:
    """A system call of `thread` of `process`; lives in the frame of the entry."""

    process: Process
    thread: UserThread
    services: Services
    frame: TrapFrame
    is_pipe_signal_off: bool = False
    """EPIPE does not mean SIGPIPE: MSG_NOSIGNAL."""

    @raises(EPERM)
    def require(self, capability: u64) -> None:
        """Refuses a caller without `capability`."""
        if not self.process.credentials.demand(capability):
            raise OSError(EPERM)
