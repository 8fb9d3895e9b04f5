"""exhaust - use up what there is: processes, pipes, descriptors, memory; then give it back.

usage: exhaust

Each kind must end with a proper error, and all memory must be there again afterwards.
"""

from __future__ import annotations

from abi.errno import EAGAIN, EMFILE, ENOMEM
from abi.file import O_NONBLOCK, PipeEnds
from abi.memory import MAP_ANONYMOUS, MAP_PRIVATE, PROT_READ, PROT_WRITE
from abi.signal import SIGCHLD, SIGKILL
from abi.system import CpuInfo, SystemInfo
from abi.time import TimeSpec
from bare import Array, Span, array, errno_of, i32, raises, u8, u64
from bare.unsafe import span_at
from user.lib import sys
from user.lib.arguments import Arguments

PAGE = 4096
CHUNK: u64 = 1 << 20
MOST_PROCESSES: u64 = 400
FEW: u64 = 20
PIPES: i32 = 0
MEMORY: i32 = 1
SLACK: u64 = 256 * 1024
"""Bytes that caches may keep."""


@raises()
def free_memory() -> u64:
    """Returns the free bytes of the machine."""
    info = SystemInfo()
    cpus: Array[CpuInfo] = array(1)
    sys.sysinfo(info, cpus[:])
    return info.memory_free


@raises()
def fork() -> i32:
    """Makes a copy of this process."""
    return sys.clone(u64(SIGCHLD), 0, 0, 0, 0)


@raises()
def wait_for(pid: i32) -> i32:
    """Waits for a child and returns its status."""
    status: Array[i32] = array(1)
    sys.wait4(pid, status[:], 0, None)
    return status[0]


@raises()
def use_up_processes() -> None:
    """Forks children that sleep until no more can be made, and ends them as one group."""
    made: u64 = 0
    code: i32 = 0
    leader: i32 = 0
    while code == 0 and made < MOST_PROCESSES:
        try:
            pid = fork()
            if pid == 0:
                sys.nanosleep(TimeSpec(1000, 0), None)
                sys.exit_group(0)
            if leader == 0:
                leader = pid
            sys.setpgid(pid, leader)
            made += 1
        except OSError as error:
            code = errno_of(error)
    report("processes", made, code, code in (0, EAGAIN, ENOMEM) and made > FEW)
    sys.kill(-leader, SIGKILL)
    for _ in range(made):
        wait_for(-1)


@raises()
def use_up_descriptors() -> None:
    """Makes and fills pipes until there are no more descriptors or pages."""
    made: u64 = 0
    code: i32 = 0
    page: Array[u8] = array(PAGE)
    ends = PipeEnds()
    while code == 0:
        try:
            sys.pipe2(ends, O_NONBLOCK)
            made += 1
            fill_pipe(ends.write_end, page[:])
        except OSError as error:
            code = errno_of(error)
    # Room for what the report needs.
    sys.close(ends.read_end)
    sys.close(ends.write_end)
    report("pipes", made, code, code in (EMFILE, ENOMEM) and made > FEW)


@raises()
def fill_pipe(fd: i32, page: Span[u8]) -> None:
    """Writes until the pipe is full."""
    is_full = False
    while not is_full:
        try:
            sys.write(fd, page)
        except OSError as error:
            if errno_of(error) != EAGAIN:
                raise
            is_full = True


@raises()
def use_up_memory() -> None:
    """Touches page after page until the kernel ends this process."""
    while True:
        start = sys.mmap(0, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        # SAFETY: the kernel has just mapped it.
        memory = span_at(u8, start, CHUNK)
        for offset in range(u64(0), CHUNK, PAGE):
            memory[offset] = 1


@raises()
def in_child(kind: i32) -> i32:
    """Runs one kind in a child; returns its status."""
    pid = fork()
    if pid > 0:
        return wait_for(pid)
    if kind == PIPES:
        use_up_descriptors()
    else:
        use_up_memory()
    sys.exit_group(0)


def report(kind: str, made: u64, code: i32, is_right: bool) -> None:
    """Says how one kind ended."""
    print(f"{'ok' if is_right else 'FAILED'} {kind}: {made}, then error {code}")


@raises()
def run_all() -> None:
    """Uses up everything, once to warm up the caches and once to count."""
    use_up_processes()
    in_child(PIPES)
    before = free_memory()
    use_up_processes()
    # A process that has taken all memory is ended when it needs one more page to say so.
    status = in_child(PIPES)
    report("pipes in a child", 1, status, status in (0, SIGKILL))
    status = in_child(MEMORY)
    report("killed for memory", 1, status, status == SIGKILL)
    after = free_memory()
    report("memory back", before // 1024, 0, after + SLACK >= before)


def main(arguments: Arguments) -> i32:
    """Runs everything."""
    try:
        run_all()
    except OSError as error:
        print(f"FAILED by error {errno_of(error)}")
        return 1
    print("exhaust: done")
    return 0
