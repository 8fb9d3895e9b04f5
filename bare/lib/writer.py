"""`Writer`: where formatted text goes, piece by piece."""

from __future__ import annotations

from abc import ABC, abstractmethod

from bare import Bytes, struct


@struct
class Writer(ABC):
    """Takes bytes in order. It cannot fail: a writer that can lose data says so in its state."""

    @abstractmethod
    def write(self, data: Bytes) -> None:
        """Takes `data`, which may be of any length, also none, and is not kept."""
