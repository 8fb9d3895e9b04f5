"""Making processes: `clone` as `fork`, with memory copied on write, and `vfork`'s waiting."""

from __future__ import annotations

from abi.errno import EAGAIN, EINVAL, ENOMEM
from abi.process import (
    CLONE_CHILD_SETTID,
    CLONE_SETTLS,
    CLONE_SIGHAND,
    CLONE_SIGNAL_MASK,
    CLONE_THREAD,
    CLONE_VFORK,
    CLONE_VM,
)
from bare import allocate, copy_struct, i32, raises, release, struct, u64
from kernel.arch.aarch64.context import user_frame
from kernel.arch.aarch64.exceptions import TrapFrame
from kernel.arch.aarch64.fp_state import save_fp_state
from kernel.arch.aarch64.thread_pointer import read_thread_pointer
from kernel.fs.fd_table import FdTable
from kernel.mm.area import destroy_address_space
from kernel.mm.fork import fork_address_space
from kernel.mm.kernel_space import KernelSpace
from kernel.proc.family import adopt
from kernel.proc.process import Process, UserThread
from kernel.proc.signal_state import is_signal
from kernel.proc.table import ProcessTable
from kernel.sched.scheduler import Scheduler
from kernel.time.clock import Clock


@struct
class CloneRequest:
    """The arguments of `clone`."""

    flags: u64 = 0
    stack: u64 = 0
    """The child's stack pointer; 0: the parent's."""
    thread_pointer: u64 = 0
    child_tid: u64 = 0

    @raises(EINVAL)
    def check(self) -> None:
        """Refuses what makes threads or shares memory beyond `vfork`."""
        shares = CLONE_THREAD | CLONE_SIGHAND
        if self.flags & shares != 0:
            raise OSError(EINVAL)
        if self.flags & CLONE_VM != 0 and self.flags & CLONE_VFORK == 0:
            raise OSError(EINVAL)
        signal = i32(self.flags & CLONE_SIGNAL_MASK)
        if signal != 0 and not is_signal(signal):
            raise OSError(EINVAL)


@struct
class ProcessFactory:
    """What new processes are made of. One for the kernel."""

    table: ProcessTable
    scheduler: Scheduler
    stacks: KernelSpace
    clock: Clock

    @raises(EAGAIN, EINVAL, ENOMEM)
    def fork(self, parent: Process, frame: TrapFrame, request: CloneRequest) -> i32:
        """Makes a copy of the running process and returns its number.

        The child starts behind the system call with result 0. With CLONE_VFORK returns when the
        child has ended or started another program.
        """
        request.check()
        child = self.make_process()
        try:
            thread = self.make_thread(child)
            prepare_registers(thread, frame, request)
            self.inherit(parent, child, thread)
        except OSError:
            discard(child)
            raise
        child.holds_parent = request.flags & CLONE_VFORK != 0
        child.exit_signal = i32(request.flags & CLONE_SIGNAL_MASK)
        pid = self.publish(parent, child, thread)
        if request.flags & CLONE_VFORK != 0:
            self.wait_for_release(parent, pid)
        return pid

    @raises(ENOMEM)
    def make_process(self) -> Process:
        """Returns a process without number, thread, memory and files."""
        process = allocate(self.table.allocator, Process)
        process.allocator = self.table.allocator
        process.start_ns = self.clock.now_ns()
        return process

    @raises(ENOMEM)
    def make_thread(self, process: Process) -> UserThread:
        """Gives a process its thread."""
        thread = allocate(self.table.allocator, UserThread)
        self.equip_thread(process, thread)
        return thread

    @raises(ENOMEM)
    def equip_thread(self, process: Process, thread: UserThread) -> None:
        """Makes a new thread that of a process and gives it a kernel stack."""
        thread.allocator = self.table.allocator
        thread.stacks = self.stacks
        thread.has_program = True
        thread.process = process
        process.thread = thread
        thread.stack_top = self.stacks.alloc_stack()

    @raises(ENOMEM)
    def inherit(self, parent: Process, child: Process, thread: UserThread) -> None:
        """Copies what a child has from its parent."""
        child.working_directory.copy_location(parent.working_directory)
        copy_struct(child.credentials, parent.credentials)
        copy_struct(child.trap, parent.trap)
        child.creation_mask = parent.creation_mask
        child.path.copy_from(parent.path)
        child.command.copy_from(parent.command)
        child.signals.inherit(parent.signals)
        space = parent.space
        if space is not None:
            child.space = fork_address_space(space)
            thread.space = child.space
        child.files = copy_files(parent)

    @raises(EAGAIN, ENOMEM)
    def publish(self, parent: Process, child: Process, thread: UserThread) -> i32:
        """Lists a complete child and starts it; returns its number."""
        # ORDER: once the child is listed, an interrupt may send it a signal.
        self.scheduler.settle(thread)
        try:
            with self.table.lock:
                self.table.add(child)
                adopt(parent, child)
                child.group = parent.group
                child.session = parent.session
                child.has_terminal = parent.has_terminal
        except OSError:
            child.files.put()
            discard(child)
            raise
        pid = child.pid
        thread.number = pid
        self.scheduler.spawn(thread)
        return pid

    def wait_for_release(self, parent: Process, pid: i32) -> None:
        """Waits until a `vfork` child no longer holds its parent, or a signal ends the parent."""
        with self.table.lock:
            while True:
                child = self.table.find(pid)
                if child is None or not child.holds_parent:
                    return
                if parent.signals.has_fatal():
                    child.holds_parent = False
                    return
                parent.child_waiters.wait(self.table.lock)


def prepare_registers(thread: UserThread, frame: TrapFrame, request: CloneRequest) -> None:
    """Gives the child's thread the registers of the running program, with result 0."""
    save_fp_state(thread.fp_state)
    thread.thread_pointer = read_thread_pointer()
    if request.flags & CLONE_SETTLS != 0:
        thread.thread_pointer = request.thread_pointer
    if request.flags & CLONE_CHILD_SETTID != 0:
        thread.set_tid_address = request.child_tid
    child_frame = user_frame(thread.stack_top)
    copy_struct(child_frame, frame)
    child_frame.registers[0] = 0
    if request.stack != 0:
        child_frame.stack_pointer = request.stack


@raises(ENOMEM)
def copy_files(parent: Process) -> FdTable:
    """Returns a table with the parent's open files."""
    files = allocate(parent.allocator, FdTable)
    try:
        files.setup(parent.allocator, parent.files.limit)
    except OSError:
        release(parent.allocator, files)
        raise
    try:
        parent.files.copy_to(files)
    except OSError:
        files.put()
        raise
    return files


def discard(process: Process) -> None:
    """Frees a process that did not come to be, but not its files."""
    process.working_directory.clear()
    thread = process.thread
    if thread is not None:
        if thread.stack_top != 0:
            thread.stacks.free_stack_at(thread.stack_top)
        release(process.allocator, thread)
    space = process.space
    if space is not None:
        destroy_address_space(space)
    release(process.allocator, process)
