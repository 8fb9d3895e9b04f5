"""Redirections: done for good in a child, or undone again after a builtin or a compound command."""

from __future__ import annotations

from abi.errno import EBADF, EINVAL
from abi.file import (
    AT_FDCWD,
    F_DUPFD_CLOEXEC,
    O_APPEND,
    O_CLOEXEC,
    O_CREAT,
    O_RDONLY,
    O_RDWR,
    O_TRUNC,
    O_WRONLY,
    PipeEnds,
)
from abi.limits import PIPE_BUF
from abi.signal import SIGCHLD
from bare import Allocator, Bytes, allocate, errno_of, i32, raises, struct, u32, u64
from user.lib import sys
from user.lib.inputs import close_quietly
from user.lib.report import report_error
from user.lib.shell.characters import MINUS, is_number
from user.lib.shell.expansion import Expander
from user.lib.shell.redirections import small_number
from user.lib.shell.tree import Redirection, RedirectionKind
from user.lib.standard import standard

SAVED_FROM: u64 = 10
"""Descriptors that are put aside go here or above."""
NEW_FILE_MODE: u32 = 0o666
NOT_OPEN: i32 = -1


@struct
class SavedDescriptor:
    """A descriptor that a redirection replaced, and where it is kept."""

    descriptor: i32
    kept: i32
    """NOT_OPEN where it was closed before."""
    next: SavedDescriptor | None


@struct
class Redirector:
    """Redirections of one command."""

    expander: Expander
    allocator: Allocator
    saved: SavedDescriptor | None = None
    keeps: bool = False
    """Whether what is replaced is kept for `undo`."""

    @raises()
    def apply(self, redirection: Redirection | None) -> None:
        """Does all redirections in order; the first failure is reported and raised."""
        standard().output.flush()
        entry = redirection
        while entry is not None:
            self.apply_one(entry)
            entry = entry.next

    @raises()
    def apply_one(self, redirection: Redirection) -> None:
        """Does one redirection."""
        target = self.expander.string(redirection.target)
        if self.keeps:
            self.keep(redirection.descriptor)
        try:
            self.redirect(redirection, target)
        except OSError as error:
            report_error(target, errno_of(error))
            raise

    @raises()
    def redirect(self, redirection: Redirection, target: Bytes) -> None:
        """Opens or duplicates, and puts the result into place."""
        descriptor = redirection.descriptor
        kind = redirection.kind
        if kind in (RedirectionKind.DUPLICATE_INPUT, RedirectionKind.DUPLICATE_OUTPUT):
            duplicate(target, descriptor)
        elif kind == RedirectionKind.HERE_TEXT:
            move(text_pipe(target), descriptor)
        else:
            flags = open_flags(kind) | O_CLOEXEC
            move(sys.openat(AT_FDCWD, target, flags, NEW_FILE_MODE), descriptor)

    @raises()
    def keep(self, descriptor: i32) -> None:
        """Puts a copy of a descriptor aside."""
        entry = allocate(self.allocator, SavedDescriptor)
        entry.descriptor = descriptor
        try:
            entry.kept = sys.fcntl(descriptor, F_DUPFD_CLOEXEC, SAVED_FROM)
        except OSError as error:
            if errno_of(error) != EBADF:
                raise
            entry.kept = NOT_OPEN
        entry.next = self.saved
        self.saved = entry

    def undo(self) -> None:
        """Puts back what was kept, the last first."""
        standard().output.flush()
        entry = self.saved
        while entry is not None:
            if entry.kept == NOT_OPEN:
                close_quietly(entry.descriptor)
            else:
                restore(entry.kept, entry.descriptor)
            entry = entry.next
        self.saved = None


@raises()
def duplicate(target: Bytes, descriptor: i32) -> None:
    """Does `<&target`: another descriptor, or `-` to close."""
    if len(target) == 1 and target[0] == MINUS:
        close_quietly(descriptor)
        return
    if not is_number(target):
        raise OSError(EINVAL)
    source = small_number(target)
    if source < 0:
        raise OSError(EBADF)
    if source != descriptor:
        sys.dup3(source, descriptor, 0)


@raises()
def move(opened: i32, descriptor: i32) -> None:
    """Moves an open descriptor, which is closed by `execve`, to where it is wanted."""
    if opened == descriptor:
        # It keeps FD_CLOEXEC otherwise: a copy does not.
        spare = sys.dup(opened)
        sys.dup3(spare, descriptor, 0)
        sys.close(spare)
        return
    try:
        sys.dup3(opened, descriptor, 0)
    finally:
        close_quietly(opened)


def restore(kept: i32, descriptor: i32) -> None:
    """Moves a kept descriptor back."""
    try:
        sys.dup3(kept, descriptor, 0)
    except OSError:
        close_quietly(descriptor)
    close_quietly(kept)


@raises()
def text_pipe(text: Bytes) -> i32:
    """Returns the reading end of a pipe that holds `text`; a child writes what the pipe cannot
    take.
    """
    ends = PipeEnds()
    sys.pipe2(ends, O_CLOEXEC)
    if len(text) <= PIPE_BUF:
        write_all(ends.write_end, text)
    elif sys.clone(u64(SIGCHLD), 0, 0, 0, 0) == 0:
        write_quietly(ends.write_end, text)
        sys.exit_group(0)
    sys.close(ends.write_end)
    return ends.read_end


@raises()
def write_all(descriptor: i32, text: Bytes) -> None:
    """Writes all of `text`."""
    rest = text
    while len(rest) > 0:
        rest = rest[sys.write(descriptor, rest) :]


def write_quietly(descriptor: i32, text: Bytes) -> None:
    """Writes `text` as far as somebody reads it."""
    try:
        write_all(descriptor, text)
    except OSError:
        return


def open_flags(kind: RedirectionKind) -> u32:
    """Returns how a redirection opens its file."""
    match kind:
        case RedirectionKind.WRITE:
            return O_WRONLY | O_CREAT | O_TRUNC
        case RedirectionKind.APPEND:
            return O_WRONLY | O_CREAT | O_APPEND
        case RedirectionKind.READ_WRITE:
            return O_RDWR | O_CREAT
        case _:
            return O_RDONLY
