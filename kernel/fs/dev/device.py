"""`CharacterDevice`: what stands behind a device node, and makes a `File` when it is opened."""

from __future__ import annotations

from abc import ABC, abstractmethod

from bare import Allocator, raises, struct, u32
from kernel.fs.file import File


@struct
class CharacterDevice(ABC):
    """A device that is read and written as a stream."""

    @abstractmethod
    @raises()
    def open(self, allocator: Allocator, flags: u32) -> File:
        """Returns a new open file with one reference. ENOMEM, ENXIO."""
