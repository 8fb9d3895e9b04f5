"""`execve`: another program in the running process.

Everything that can fail is done first: finding and validating the file, copying the arguments,
mapping the new memory. Then comes the point of no return; if the new stack cannot be written after
it, the process is killed.
"""

from __future__ import annotations

from abi.errno import (
    EACCES,
    ENOEXEC,
)
from abi.file import X_OK
from abi.signal import SIGCHLD, SIGKILL
from bare import Bytes, Span, allocate_span, raises, release, struct, u8, u64
from kernel.arch.aarch64.exceptions import USER_STATUS, TrapFrame
from kernel.arch.aarch64.fp_state import restore_fp_state
from kernel.arch.aarch64.interrupts import mask_interrupts, restore_interrupts
from kernel.arch.aarch64.layout import PAGE_SIZE
from kernel.arch.aarch64.thread_pointer import write_thread_pointer
from kernel.fs.inode import Inode
from kernel.fs.inode_kind import InodeKind
from kernel.fs.mounts import Mounts
from kernel.fs.path import LastLink, PathWalk
from kernel.fs.permission import may_access
from kernel.mm.address_space import AddressSpace, Memory, create_address_space
from kernel.mm.area import destroy_address_space
from kernel.mm.frame import FrameAllocator
from kernel.mm.frame_view import frame_bytes
from kernel.mm.page_source import PageSource
from kernel.proc.arguments import Arguments
from kernel.proc.elf import Program, check_program
from kernel.proc.exit import release_parent
from kernel.proc.load import clear_tails, map_program
from kernel.proc.process import Process, UserThread
from kernel.proc.signal_send import post_signal
from kernel.proc.signal_state import SignalDetail
from kernel.proc.signal_trampoline import TrampolinePage, map_trampoline
from kernel.proc.stack import map_stack, write_stack
from kernel.proc.table import ProcessTable
from kernel.security.random import RandomGenerator


@struct
class ProgramLoader:
    """What `execve` needs of the kernel. One for the kernel."""

    table: ProcessTable
    memory: Memory
    mounts: Mounts
    random: RandomGenerator
    trampoline: TrampolinePage

    @raises()
    def execute(
        self,
        process: Process,
        thread: UserThread,
        frame: TrapFrame,
        path: Bytes,
        arguments: Arguments,
    ) -> None:
        """Replaces the program of the running process; `frame` then starts the new one.

        `arguments` holds the argument and environment strings. Errors as for `execve`.
        """
        walk = PathWalk(self.mounts, process.credentials, process.allocator)
        walk.begin()
        try:
            walk.set_path(path)
            walk.resolve(process.working_directory, LastLink.FOLLOW)
            inode = walk.location.inode
            assert inode is not None, "path walk without a result"
            check_executable(process, inode)
            arguments.add_path(path)
            self.start(process, thread, frame, inode, arguments)
        finally:
            walk.finish()

    @raises()
    def start(
        self,
        process: Process,
        thread: UserThread,
        frame: TrapFrame,
        inode: Inode,
        arguments: Arguments,
    ) -> None:
        """Loads the program of an inode."""
        source = inode.page_source()
        if inode.size() == 0:
            raise OSError(ENOEXEC)
        length = min(inode.size(), PAGE_SIZE)
        head = allocate_span(process.allocator, u8, length)
        try:
            read_head(self.memory.frames, source, head)
            program = Program(head, inode.size())
            check_program(program)
            space = self.load(program, source, arguments)
            self.enter(process, thread, frame, program, arguments, space)
        finally:
            release(process.allocator, head)

    @raises()
    def load(self, program: Program, source: PageSource, arguments: Arguments) -> AddressSpace:
        """Maps a checked program and its stack into a new address space."""
        space = create_address_space(self.memory)
        try:
            map_program(space, program, source)
            map_stack(space, arguments)
            map_trampoline(space, self.trampoline)
        except OSError:
            destroy_address_space(space)
            raise
        return space

    def enter(
        self,
        process: Process,
        thread: UserThread,
        frame: TrapFrame,
        program: Program,
        arguments: Arguments,
        space: AddressSpace,
    ) -> None:
        """Leaves the old program for ever."""
        self.exchange_space(process, thread, space)
        process.files.close_for_exec()
        with self.table.lock:
            process.signals.reset_for_exec()
            process.has_executed = True
            process.exit_signal = SIGCHLD
        release_parent(self.table, process)
        process.clear_tid_address = 0
        process.trap.entry = 0
        process.trap.signal = 0
        name_process(process, arguments)
        try:
            clear_tails(program)
            user = u64(process.credentials.user_number())
            frame.stack_pointer = write_stack(arguments, program, user, self.random)
        except OSError:
            # The way back to the program ends it: what this call holds is given back first.
            with self.table.lock:
                post_signal(process, SIGKILL, SignalDetail())
        reset_registers(thread, frame)
        frame.pc = program.entry

    def exchange_space(
        self, process: Process, thread: UserThread, space: AddressSpace
    ) -> None:
        """Makes `space` the memory of the running process and frees the old one."""
        old = process.space
        with self.table.lock:
            process.space = space
        state = mask_interrupts()
        thread.space = space
        space.activate()
        restore_interrupts(state)
        if old is not None:
            destroy_address_space(old)


@raises()
def read_head(frames: FrameAllocator, source: PageSource, into: Span[u8]) -> None:
    """Copies the start of a file: whoever may write to it cannot change what was checked."""
    frame = source.get_page(0)
    into.copy_from(frame_bytes(frame)[: len(into)])
    frames.put(frame)


@raises(EACCES)
def check_executable(process: Process, inode: Inode) -> None:
    """Refuses what is no file or may not be executed."""
    if inode.kind != InodeKind.REGULAR:
        raise OSError(EACCES)
    if not may_access(inode, process.credentials, X_OK):
        raise OSError(EACCES)


def name_process(process: Process, arguments: Arguments) -> None:
    """Remembers path and arguments for those who list processes."""
    path = arguments.path()
    length = min(len(path), len(process.path) - 1)
    process.path.fill(0)
    process.path[:length].copy_from(path[:length])
    arguments.write_command(process.command)


def reset_registers(thread: UserThread, frame: TrapFrame) -> None:
    """Gives a new program zeros in all registers but pc and sp."""
    frame.registers.fill(0)
    frame.status = USER_STATUS
    state = mask_interrupts()
    thread.fp_state.vectors.fill(0)
    thread.fp_state.status = 0
    thread.fp_state.control = 0
    restore_fp_state(thread.fp_state)
    thread.thread_pointer = 0
    write_thread_pointer(0)
    restore_interrupts(state)
