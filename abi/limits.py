"""Limits that a program may rely on. Linux AArch64 values, include/uapi/linux/limits.h."""

from bare import i32, u32, u64, usize

PAGE_SIZE: usize = 4096
"""Bytes in a page: the granule of every mapping."""
PATH_MAX: usize = 4096
"""Bytes in a path, the ending NUL included."""
NAME_MAX: usize = 255
"""Bytes in one component of a path."""
PIPE_BUF: usize = 4096
"""Writes to a pipe up to this many bytes are never interleaved with others."""
ARG_MAX: usize = 131072
"""Bytes of arguments and environment that `execve` takes, pointers included."""
IOV_MAX: usize = 1024
"""Buffers in one `readv` or `writev`."""
MAX_TRANSFER: usize = 0x7FFF_F000
"""Bytes that one `read` or `write` moves at most; a larger count is cut to this."""
SYMLINK_MAX: u32 = 40
"""Symbolic links followed in one path walk before ELOOP."""
PID_MAX: i32 = 0x3FFF_FFFF
"""Largest process number."""
CLOCK_TICKS: u64 = 100
"""Ticks a second in which `times` and AT_CLKTCK count."""
