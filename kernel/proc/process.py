"""`Process`: the owner of memory, files, identity and signals; and `UserThread`, which runs its
program.

A process has one thread. The object lives in the kernel heap from `fork` until its parent has
waited for it. The process table's lock guards the tree, groups, states and pending signals of all
processes; what only the process itself changes needs no lock.
"""

from __future__ import annotations

from abi.system import COMMAND_SIZE, PATH_SIZE
from bare import Array, Enum8, array, i32, inline, release, struct, u8, u32, u64
from bare.lib.allocator import Allocator
from kernel.arch.aarch64.context import enter_user, user_frame
from kernel.fs.fd_table import FdTable
from kernel.fs.mounts import Location
from kernel.mm.address_space import AddressSpace
from kernel.mm.user_copy import write_user_u32
from kernel.proc.signal_state import SignalState
from kernel.sched.thread import Thread
from kernel.sched.wait_queue import WaitQueue
from kernel.security.credentials import Credentials


class ProcessState(Enum8):
    """What a parent may learn of a process."""

    ALIVE = 0
    STOPPED = 1
    """By a signal; goes on with SIGCONT."""
    ZOMBIE = 2
    """Ended, not waited for."""


@struct
class UserThread(Thread):
    """The thread of a process."""

    # Set once.
    process: Process | None = None
    # Used by the thread itself only.
    interrupted_x0: u64 = 0
    """First argument of the system call being served, to start it again after a signal."""
    can_restart: bool = False
    """Whether the system call just served failed with EINTR."""
    needs_silence: bool = False
    """Whether that call starts again only if no handler ran: signal(7)."""
    deadline_ns: u64 = 0
    """When a wait is over that was interrupted and whose call starts again; 0: there is none."""
    set_tid_address: u64 = 0
    """Where a new child writes its number before it starts, 0 for nowhere."""

    def run(self) -> None:
        """Goes to the program for the first time; `fork` has prepared the frame."""
        if self.set_tid_address != 0:
            try:
                write_user_u32(self.set_tid_address, u32(self.number))
            except OSError:
                self.set_tid_address = 0
        enter_user(user_frame(self.stack_top))

    def resumed_deadline(self, fresh_ns: u64) -> u64:
        """Returns when the wait of the call being served is over: at `fresh_ns`, unless the call
        started again after an interruption.
        """
        kept_ns = self.deadline_ns
        self.deadline_ns = 0
        return fresh_ns if kept_ns == 0 else kept_ns

    def released(self) -> None:
        """Gives back the kernel stack and the object."""
        self.stacks.free_stack_at(self.stack_top)
        release(self.allocator, self)


@struct
class TrapEntry:
    """Where traps of the program go on (`SYS_TRAP_ENTRY`)."""

    entry: u64 = 0
    """0: traps are signals."""
    stack_top: u64 = 0
    signal: i32 = 0
    """The signal of the trap that is being reported, 0 if none."""


@struct
class Process:
    """A process."""

    # Set once.
    allocator: Allocator
    files: FdTable
    """Given back by the process when it ends."""
    pid: i32 = 0
    start_ns: u64 = 0
    """Since boot."""

    # Changed by the process itself only (also during `fork`, by the parent).
    thread: UserThread | None = None
    space: AddressSpace | None = None
    working_directory: Location = inline()
    credentials: Credentials = inline()
    creation_mask: u32 = 0o022
    """Mode bits that new files do not get."""
    clear_tid_address: u64 = 0
    trap: TrapEntry = inline()
    page_faults: u64 = 0
    path: Array[u8] = array(PATH_SIZE)
    """The path of its program, NUL-terminated."""
    command: Array[u8] = array(COMMAND_SIZE)
    """Its arguments joined by spaces, NUL-terminated."""

    # Guarded by the process table's lock.
    state: ProcessState = ProcessState.ALIVE
    status: i32 = 0
    """What `wait4` tells: of a zombie how it ended, of a stopped process the signal."""
    is_ending: bool = False
    """Whether its files and memory are going or gone: others leave them alone."""
    has_news: bool = False
    """Whether it stopped or went on since the parent was told."""
    parent: Process | None = None
    first_child: Process | None = None
    next_sibling: Process | None = None
    previous_sibling: Process | None = None
    next_process: Process | None = None
    previous_process: Process | None = None
    next_in_bucket: Process | None = None
    group: i32 = 0
    session: i32 = 0
    has_terminal: bool = False
    """Whether its session has the console as controlling terminal."""
    exit_signal: i32 = 0
    """What the parent gets when it ends: SIGCHLD after an exec and from PID 1's adoption on, else
    what `clone` said; 0 for nothing.
    """
    has_executed: bool = False
    """Whether it started a program since it was made: the parent may no longer change its group."""
    holds_parent: bool = False
    """Whether its parent waits in `vfork` for it."""
    signals: SignalState = inline()
    child_waiters: WaitQueue = inline()
    """The process itself, while it waits for a child, a `vfork` child, or SIGCONT."""
    children_user_ns: u64 = 0
    """Of children that were waited for, and theirs."""
    children_system_ns: u64 = 0
    own_user_ns: u64 = 0
    """Of a zombie: what its thread used."""
    own_system_ns: u64 = 0

    def is_zombie(self) -> bool:
        """Whether it has ended. Table lock held."""
        return self.state == ProcessState.ZOMBIE
