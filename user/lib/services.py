"""Services as `init` sees them: what they run, what they may do, when they are started again."""

from __future__ import annotations

from abi.capability import (
    CAP_ALL,
    CAP_CONSOLE,
    CAP_FS_READ,
    CAP_LOG_EXPORT,
    CAP_NET,
    CAP_PROCESS_INSPECT,
    CAP_SPAWN,
    CAP_TMP_WRITE,
)
from abi.errno import EINVAL
from abi.file import AT_FDCWD, F_SETFD, O_RDWR
from abi.terminal import TIOCSCTTY
from abi.time import NS_PER_SECOND, TimeSpec
from bare import (
    Array,
    Bytes,
    Enum8,
    Span,
    allocate,
    allocate_span,
    array,
    encode,
    i32,
    raises,
    struct,
    u8,
    u32,
    u64,
)
from user.lib import sys
from user.lib.arguments import Arguments
from user.lib.clock import monotonic_ns
from user.lib.paths import PathBuffer
from user.lib.standard import standard
from user.lib.strings import find_byte
from user.lib.toml import find_value, next_item, string_of
from user.lib.whole_file import read_file
from user.lib.words import WordTable

CONSOLE_SHELL = b"/bin/sh"
FILE_BYTES = 2048
QUOTE = ord('"')
FAST_ENDS: u32 = 3
FAST_NS: u64 = 10 * NS_PER_SECOND
STDIO_COUNT = 3
NO_DESCRIPTOR: i32 = -1
LARGEST_READY: i32 = 9
ZERO: u8 = ord("0")
CAPABILITY_NAMES: tuple[str, ...] = (
    "console",
    "spawn",
    "fs-read",
    "tmp-write",
    "process-inspect",
    "net",
    "log-export",
)
CAPABILITY_BITS: tuple[u64, ...] = (
    CAP_CONSOLE,
    CAP_SPAWN,
    CAP_FS_READ,
    CAP_TMP_WRITE,
    CAP_PROCESS_INSPECT,
    CAP_NET,
    CAP_LOG_EXPORT,
)


class Restart(Enum8):
    """When a service that ended is started again."""

    NEVER = 0
    ON_FAILURE = 1
    ALWAYS = 2


@struct
class Service:
    """One service: its file's contents, what was read from it, and its process (0: none)."""

    next: Service | None = None
    content: Span[u8] | None = None
    command: Bytes = b""
    arguments: Bytes = b""
    capabilities: u64 = CAP_ALL
    restart: Restart = Restart.NEVER
    has_console: bool = False
    pid: i32 = 0
    is_due: bool = False
    """Whether it is to be started again as soon as that works."""
    ready: i32 = NO_DESCRIPTOR
    """What the console shell closes when it shows its first prompt."""
    has_failed: bool = False
    """Whether the last start failed."""
    starts: u32 = 0
    fast_starts: u32 = 0
    window_ns: u64 = 0

    def restarts_after(self, status: i32) -> bool:
        """Whether the policy wants a new start after the process ended with `status`."""
        match self.restart:
            case Restart.ALWAYS:
                return True
            case Restart.ON_FAILURE:
                return status != 0
            case Restart.NEVER:
                return False

    @raises()
    def wait_if_too_fast(self) -> None:
        """Sleeps for a second where the last starts were too close together."""
        now_ns = monotonic_ns()
        if now_ns >= self.window_ns + FAST_NS:
            self.window_ns = now_ns
            self.fast_starts = 0
        self.starts += 1
        self.fast_starts += 1
        if self.fast_starts > FAST_ENDS:
            sys.nanosleep(TimeSpec(1, 0), None)

    @raises()
    def become(self, arguments: Arguments) -> None:
        """Becomes the program, in the child: session, console, capabilities, `execve`."""
        sys.setsid()
        words = WordTable()
        variables = WordTable()
        variables.add(b"PATH=/bin:/sbin")
        variables.add(b"HOME=/root")
        if self.has_console:
            take_console()
            words.add(b"-sh")
            variables.add(b"TERM=vt100")
            if self.starts == 1:
                self.hand_over_ready(variables)
        else:
            words.add(self.command)
            add_strings(self.arguments, words)
        sys.security_restrict(self.capabilities)
        sys.execve(self.command, words.address(), variables.address())

    @raises()
    def hand_over_ready(self, variables: WordTable) -> None:
        """Tells the shell that it is the machine's first, and which descriptor to close when its
        prompt is there.
        """
        digit: Array[u8] = array(1)
        if 0 <= self.ready <= LARGEST_READY:
            sys.fcntl(self.ready, F_SETFD, 0)
            digit[0] = ZERO + u8(self.ready)
        else:
            digit[0] = ZERO
        variables.add_pair(b"SWIFTOS_BOOT", digit)


@raises()
def take_console() -> None:
    """Opens the console as standard input, output and error and makes it the session's terminal."""
    console = sys.openat(AT_FDCWD, b"/dev/console", O_RDWR, 0)
    sys.ioctl(console, TIOCSCTTY, 0)
    for descriptor in range(STDIO_COUNT):
        if console != descriptor:
            sys.dup3(console, i32(descriptor), 0)
    if console >= STDIO_COUNT:
        sys.close(console)


@raises()
def add_strings(values: Bytes, words: WordTable) -> None:
    """Adds every string of a TOML array to `words`."""
    if len(values) == 0:
        return
    start = next_item(values, 1)
    while start < len(values):
        end = find_byte(values, QUOTE, start + 1)
        words.add(values[start + 1 : min(end, len(values))])
        start = next_item(values, min(end + 1, len(values)))


@raises()
def capabilities_of(names: Bytes) -> u64:
    """Returns the mask of a TOML array of names; EINVAL for an unknown one."""
    mask: u64 = 0
    start = next_item(names, 1)
    while start < len(names):
        end = find_byte(names, QUOTE, start + 1)
        mask |= capability_of(names[start + 1 : min(end, len(names))])
        start = next_item(names, min(end + 1, len(names)))
    return mask


@raises(EINVAL)
def capability_of(name: Bytes) -> u64:
    """Returns the bit of one capability."""
    for index in range(len(CAPABILITY_NAMES)):
        if encode(CAPABILITY_NAMES[index]) == name:
            return CAPABILITY_BITS[index]
    raise OSError(EINVAL)


@raises(EINVAL)
def restart_of(name: Bytes) -> Restart:
    """Reads a restart policy."""
    if name == b"always":
        return Restart.ALWAYS
    if name == b"on-failure":
        return Restart.ON_FAILURE
    if name == b"never":
        return Restart.NEVER
    raise OSError(EINVAL)


@struct
class ServiceList:
    """All services, newest first."""

    first: Service | None = None

    @raises()
    def add(self) -> Service:
        """Adds an empty service."""
        service = allocate(standard().heap, Service)
        service.next = self.first
        self.first = service
        return service

    @raises()
    def add_console_shell(self, command: Bytes) -> None:
        """Adds the shell on the console, which is always started again."""
        service = self.add()
        service.command = command
        service.has_console = True
        service.restart = Restart.ALWAYS

    @raises()
    def load(self, directory: Bytes, name: Bytes) -> None:
        """Reads one service file; EINVAL for what it must not say. A bad file adds nothing."""
        path = PathBuffer()
        path.join(directory, name)
        content = allocate_span(standard().heap, u8, FILE_BYTES)
        length = read_file(path.content(), content)
        lines = content[:length]
        command = string_of(find_value(lines, b"command"))
        restart = Restart.NEVER
        if len(find_value(lines, b"restart")) > 0:
            restart = restart_of(string_of(find_value(lines, b"restart")))
        capabilities = CAP_ALL
        if len(find_value(lines, b"capabilities")) > 0:
            capabilities = capabilities_of(find_value(lines, b"capabilities"))
        service = self.add()
        service.content = content
        service.command = command
        service.arguments = find_value(lines, b"arguments")
        service.capabilities = capabilities
        service.restart = restart

    def find(self, pid: i32) -> Service | None:
        """Returns the service whose process is `pid`."""
        service = self.first
        while service is not None:
            if service.pid == pid:
                return service
            service = service.next
        return None
