"""Paths: putting them together and taking them apart."""

from __future__ import annotations

from abi.errno import ENAMETOOLONG
from abi.limits import PATH_MAX
from bare import Array, Bytes, array, raises, struct, u8, usize

SLASH = ord("/")


def base_name(path: Bytes) -> Bytes:
    """Returns the last component, without trailing slashes; `/` for the root."""
    end = len(path)
    while end > 1 and path[end - 1] == SLASH:
        end -= 1
    start = end
    while start > 0 and path[start - 1] != SLASH:
        start -= 1
    if start == end:
        return path[:end]
    return path[start:end]


def folder_of(path: Bytes) -> Bytes:
    """Returns the path up to its last slash, which is part of it; empty where there is none."""
    end = len(path)
    while end > 0 and path[end - 1] != SLASH:
        end -= 1
    return path[:end]


def parent_of(path: Bytes) -> Bytes:
    """Returns the folder that a path is in, without a slash at its end unless it is the root."""
    end = len(path)
    while end > 1 and path[end - 1] == SLASH:
        end -= 1
    end = len(folder_of(path[:end]))
    return b"." if end == 0 else path[: max(end - 1, 1)]


@struct
class PathBuffer:
    """A path put together from parts."""

    length: usize = 0
    buffer: Array[u8] = array(PATH_MAX)

    def content(self) -> Bytes:
        """Returns the path."""
        return self.buffer[: self.length]

    @raises(ENAMETOOLONG)
    def set(self, path: Bytes) -> None:
        """Makes the buffer hold `path`."""
        self.length = 0
        self.append(path)

    @raises(ENAMETOOLONG)
    def join(self, directory: Bytes, name: Bytes) -> None:
        """Makes the buffer hold `directory/name`, or `name` alone where there is no directory."""
        self.length = 0
        self.append(directory)
        if len(directory) > 0 and directory[len(directory) - 1] != SLASH:
            self.append(b"/")
        self.append(name)

    @raises(ENAMETOOLONG)
    def append(self, part: Bytes) -> None:
        """Adds bytes at the end; ENAMETOOLONG where a path cannot be so long."""
        if self.length + len(part) >= PATH_MAX:
            raise OSError(ENAMETOOLONG)
        self.buffer[self.length : self.length + len(part)].copy_from(part)
        self.length += len(part)
