"""The one instruction by which a program calls the kernel, and how its answer is read.

`user/lib/sys.py` is written on top of this; programs use that.
"""

from abi.errno import EINVAL, ENAMETOOLONG
from bare import Bytes, Span, raises, u8, u64, wrap_i32, wrap_i64
from bare.unsafe import address_of, asm

LARGEST_ERROR = 4095
"""A result in the top 4095 numbers is a negated error."""


def svc(
    number: u64, a0: u64 = 0, a1: u64 = 0, a2: u64 = 0, a3: u64 = 0, a4: u64 = 0, a5: u64 = 0
) -> u64:
    """Makes a system call and returns x0 as it is."""
    # SAFETY: the kernel changes no register but x0, and memory only where an argument points.
    return asm(
        "svc #0", x8=number, x0=a0, x1=a1, x2=a2, x3=a3, x4=a4, x5=a5, out=u64, out_register="x0"
    )


@raises()
def checked(result: u64) -> u64:
    """Returns a result, or raises the error that it is."""
    error = wrap_i64(result)
    if -LARGEST_ERROR <= error < 0:
        raise OSError(wrap_i32(-error))
    return result


@raises(EINVAL, ENAMETOOLONG)
def terminate(path: Bytes, into: Span[u8]) -> u64:
    """Copies `path` and a NUL into the caller's buffer and returns its address.

    EINVAL if the path holds a NUL, ENAMETOOLONG if it does not fit.
    """
    if len(path) >= len(into):
        raise OSError(ENAMETOOLONG)
    for byte in path:
        if byte == 0:
            raise OSError(EINVAL)
    into[: len(path)].copy_from(path)
    into[len(path)] = 0
    # SAFETY: the kernel reads the buffer during the call in which it is an argument.
    return address_of(into)
