"""`VectorBuffer`: the buffers of one `readv` or `writev`, as one `IoBuffer`."""

from __future__ import annotations

from abi.errno import EFAULT, EINVAL
from abi.file import IoVec
from abi.limits import IOV_MAX, MAX_TRANSFER
from bare import Bytes, Span, raises, size_of, struct, u8, u64, usize
from kernel.arch.aarch64.layout import UserAddr
from kernel.mm.user_copy import IoBuffer, copy_in, copy_out, object_bytes


@struct
class VectorBuffer(IoBuffer):
    """Buffers of the program, one after the other. Made, then `open`.

    The vectors are read again as they are needed; a program that changes them meanwhile gets what
    it then says, up to the length that was counted at first, or EFAULT.
    """

    vectors: UserAddr = 0
    """The next vector."""
    left: usize = 0
    """Vectors from there on."""
    address: UserAddr = 0
    length: usize = 0
    """What is left of the current one."""

    @raises(EFAULT, EINVAL)
    def open(self, vectors: UserAddr, count: usize) -> None:
        """Counts the bytes. EINVAL: too many vectors, or bytes beyond what fits a signed size."""
        if count > IOV_MAX:
            raise OSError(EINVAL)
        total: u64 = 0
        for index in range(count):
            vector = IoVec()
            copy_in(object_bytes(vector, size_of(IoVec)), vectors + index * size_of(IoVec))
            if vector.length > (1 << 63) - 1 - total:
                raise OSError(EINVAL)
            total += vector.length
        self.vectors = vectors
        self.left = count
        self.remaining = min(total, MAX_TRANSFER)

    @raises(EFAULT)
    def push(self, data: Bytes) -> None:
        done: usize = 0
        while done < len(data):
            step = self._step(len(data) - done)
            copy_out(self.address, data[done : done + step])
            self._advance(step)
            done += step

    @raises(EFAULT)
    def pull(self, into: Span[u8]) -> usize:
        count = min(len(into), self.remaining)
        done: usize = 0
        while done < count:
            step = self._step(count - done)
            copy_in(into[done : done + step], self.address)
            self._advance(step)
            done += step
        return count

    @raises(EFAULT)
    def _step(self, wanted: usize) -> usize:
        """Moves to a vector that is not empty; returns how much of `wanted` it takes."""
        while self.length == 0:
            if self.left == 0:
                raise OSError(EFAULT)
            vector = IoVec()
            copy_in(object_bytes(vector, size_of(IoVec)), self.vectors)
            self.vectors += size_of(IoVec)
            self.left -= 1
            self.address = vector.base
            self.length = vector.length
        return min(wanted, self.length)

    def _advance(self, count: usize) -> None:
        self.address += count
        self.length -= count
        self.remaining -= count
