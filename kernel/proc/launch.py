"""Starting PID 1: the one process that no other makes.

Its thread begins in the kernel, opens the console as descriptors 0 to 2, and executes the init
program like any other; what goes wrong there is the end of the boot.
"""

from __future__ import annotations

from abi.errno import EAGAIN, ENOMEM, ENXIO
from abi.error_text import strerror
from abi.file import O_RDWR
from bare import Bytes, allocate, errno_of, panic, raises, release, struct, text
from kernel.arch.aarch64.context import enter_user, user_frame
from kernel.device.log import Log
from kernel.fs.fd_table import FdTable
from kernel.fs.path import LastLink, PathWalk
from kernel.proc.arguments import Arguments
from kernel.proc.exec import ProgramLoader
from kernel.proc.fork import ProcessFactory
from kernel.proc.process import Process, UserThread
from kernel.time.clock import Clock

DESCRIPTOR_LIMIT = 1024
STANDARD_FILES = 3
CONSOLE_PATH = b"/dev/console"


@struct
class Launch:
    """What PID 1 starts with. One for the kernel, made by `main.py`."""

    loader: ProgramLoader
    factory: ProcessFactory
    log: Log
    clock: Clock
    path: Bytes
    """The init program."""


@struct
class InitThread(UserThread):
    """The thread of PID 1."""

    launch: Launch | None = None

    def run(self) -> None:
        """Opens the console, loads the program and enters it."""
        launch = self.launch
        process = self.process
        assert launch is not None and process is not None, "init thread without its launch"
        try:
            open_console(launch, process)
            execute_init(launch, process, self)
        except OSError as error:
            panic(f"cannot start {text(launch.path)}: {strerror(errno_of(error))}")
        launch.log.info(f"boot: user at {launch.clock.now_ns() // 1000} us")
        enter_user(user_frame(self.stack_top))


@raises(EAGAIN, ENOMEM)
def launch_init(launch: Launch) -> None:
    """Makes PID 1 and starts its thread."""
    factory = launch.factory
    process = factory.make_process()
    thread = allocate(process.allocator, InitThread)
    thread.launch = launch
    factory.equip_thread(process, thread)
    process.credentials.become_root()
    process.has_terminal = True
    process.files = allocate(process.allocator, FdTable)
    process.files.setup(process.allocator, DESCRIPTOR_LIMIT)
    launch.loader.mounts.root(process.working_directory)
    factory.scheduler.settle(thread)
    with factory.table.lock:
        factory.table.add(process)
        process.group = process.pid
        process.session = process.pid
    thread.number = process.pid
    factory.scheduler.spawn(thread)


@raises()
def open_console(launch: Launch, process: Process) -> None:
    """Opens the console as the three standard descriptors."""
    walk = PathWalk(launch.loader.mounts, process.credentials, process.allocator)
    walk.begin()
    try:
        walk.set_path(CONSOLE_PATH)
        walk.resolve(process.working_directory, LastLink.FOLLOW)
        inode = walk.location.inode
        assert inode is not None, "path walk without a result"
        file = inode.open_special(O_RDWR)
        if file is None:
            raise OSError(ENXIO)
        for _ in range(STANDARD_FILES):
            file.get()
            process.files.add(file, 0, False)
        file.put()
    finally:
        walk.finish()


@raises()
def execute_init(launch: Launch, process: Process, thread: UserThread) -> None:
    """Loads the init program."""
    arguments = allocate(process.allocator, Arguments)
    try:
        arguments.begin(process.allocator)
        try:
            arguments.add_argument(launch.path)
            arguments.add_variable(b"PATH=/bin:/sbin")
            arguments.add_variable(b"HOME=/")
            arguments.add_variable(b"TERM=vt100")
            frame = user_frame(thread.stack_top)
            launch.loader.execute(process, thread, frame, launch.path, arguments)
        finally:
            arguments.finish()
    finally:
        release(process.allocator, arguments)
