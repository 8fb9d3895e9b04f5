"""`TopFrame`: one picture of the system, with CPU shares since the picture before."""

from __future__ import annotations

from abi.system import PROCESS_READY, PROCESS_RUNNING, PROCESS_ZOMBIE, ProcessInfo
from bare import Span, allocate_span, copy_struct, inline, raises, release, struct, text, u64, usize
from user.lib.process_list import ProcessList, state_letter
from user.lib.standard import standard
from user.lib.strings import until_zero
from user.lib.system_status import SystemStatus, busy_share, print_clock

KIB = 1024
NS_PER_SECOND = 1_000_000_000
NS_PER_HUNDREDTH = 10_000_000
FULL_PERMILLE: u64 = 1000
OWNER_WIDTH = 9
HZ = 100
FIRST_ROWS = 32
SUMMARY_LINES: usize = 8


@struct
class Row:
    """One process of the frame: its record's place in the list and its share of CPU time."""

    index: usize = 0
    permille: u64 = 0


@struct
class PastProcess:
    """What a process had used at the frame before."""

    pid: u64 = 0
    busy_ns: u64 = 0


@struct
class PastCpu:
    """What a CPU had counted at the frame before."""

    online_ns: u64 = 0
    idle_ns: u64 = 0


@struct
class TopFrame:
    """The newest answers of the kernel and what is kept of those before."""

    status: SystemStatus = inline()
    processes: ProcessList = inline()
    rows: Span[Row] | None = None
    past: Span[PastProcess] | None = None
    past_count: usize = 0
    past_cpus: Span[PastCpu] | None = None
    past_uptime_ns: u64 = 0
    past_idle_ns: u64 = 0
    is_later: bool = False

    @raises()
    def update(self) -> None:
        """Keeps what the next shares are measured against and asks the kernel again."""
        if self.is_later:
            self.keep()
        self.status.update()
        self.processes.update()
        self.sort()

    @raises()
    def keep(self) -> None:
        """Copies the counters of the frame that was shown."""
        self.past_uptime_ns = self.status.system.uptime_ns
        self.past_idle_ns = self.status.system.idle_ns
        past = self.past
        if past is None or len(past) < self.processes.count:
            if past is not None:
                release(standard().heap, past)
            past = allocate_span(standard().heap, PastProcess, self.processes.count + FIRST_ROWS)
            self.past = past
        self.past_count = self.processes.count
        for index in range(self.past_count):
            process = self.processes.get(index)
            past[index].pid = u64(process.pid)
            past[index].busy_ns = process.user_ns + process.system_ns
        self.keep_cpus()

    @raises()
    def keep_cpus(self) -> None:
        """Copies the counters of every CPU."""
        past = self.past_cpus
        if past is None:
            past = allocate_span(standard().heap, PastCpu, max(self.status.cpu_count, 1))
            self.past_cpus = past
        cpus = self.status.cpus
        assert cpus is not None, "update() comes first"
        for index in range(min(self.status.cpu_count, len(past))):
            past[index].online_ns = cpus[index].online_ns
            past[index].idle_ns = cpus[index].idle_ns

    @raises()
    def sort(self) -> None:
        """Orders the rows by share, largest first; equal ones stay in the order of numbers."""
        rows = self.rows
        if rows is None or len(rows) < self.processes.count:
            if rows is not None:
                release(standard().heap, rows)
            rows = allocate_span(standard().heap, Row, self.processes.count + FIRST_ROWS)
            self.rows = rows
        for count in range(self.processes.count):
            permille = self.share(self.processes.get(count))
            place = count
            while place > 0 and rows[place - 1].permille < permille:
                copy_struct(rows[place], rows[place - 1])
                place -= 1
            rows[place].index = count
            rows[place].permille = permille

    def share(self, process: ProcessInfo) -> u64:
        """Returns the share of one CPU since the frame before, or since the process started."""
        busy_ns = process.user_ns + process.system_ns
        now_ns = self.status.system.uptime_ns
        past = self.past
        if past is not None:
            for entry in past[: self.past_count]:
                if entry.pid == u64(process.pid) and busy_ns >= entry.busy_ns:
                    elapsed = now_ns - self.past_uptime_ns
                    return part(busy_ns - entry.busy_ns, elapsed)
        return part(busy_ns, now_ns - min(process.start_ns, now_ns))

    def show(self, lines_max: usize) -> None:
        """Prints the frame, with as many processes as fit into so many lines."""
        self.is_later = True
        self.show_summary()
        self.show_cpus()
        self.show_memory()
        print("")
        print("  PID  PPID USER      S   %CPU      RES  TIME+      COMMAND")
        rows = self.rows
        assert rows is not None, "update() comes first"
        room = lines_max - min(lines_max, SUMMARY_LINES)
        for row in rows[: min(self.processes.count, room)]:
            self.show_process(self.processes.get(row.index), row.permille)

    def show_summary(self) -> None:
        """Prints uptime and the states of the processes."""
        running: u64 = 0
        zombies: u64 = 0
        for index in range(self.processes.count):
            state = self.processes.get(index).state
            if state in (PROCESS_RUNNING, PROCESS_READY):
                running += 1
            elif state == PROCESS_ZOMBIE:
                zombies += 1
        total = self.processes.count
        print("top - up ", end="")
        print_clock(self.status.system.uptime_ns // NS_PER_SECOND)
        print(f",  {total} tasks,  hz {HZ}")
        print(f"Tasks: {total} total, {running} running, ", end="")
        print(f"{total - running - zombies} sleeping, {zombies} zombie")

    def show_cpus(self) -> None:
        """Prints the busy share of all CPUs together and of each."""
        busy = self.status.busy_permille(self.past_uptime_ns, self.past_idle_ns)
        print(f"Cpu:  {busy // 10}.{busy % 10}% busy, ", end="")
        idle = FULL_PERMILLE - busy
        print(f"{idle // 10}.{idle % 10}% idle")
        print(f"CPUs: {self.status.system.cpus} present, per-CPU busy:", end="")
        cpus = self.status.cpus
        assert cpus is not None, "update() comes first"
        for index in range(self.status.cpu_count):
            online_ns = cpus[index].online_ns
            idle_ns = cpus[index].idle_ns
            past = self.past_cpus
            if past is not None and index < len(past):
                online_ns -= past[index].online_ns
                idle_ns -= past[index].idle_ns
            share = busy_share(online_ns, idle_ns)
            print(f" {index}={share // 10}.{share % 10}%", end="")
        print("")

    def show_memory(self) -> None:
        """Prints memory and what the kernel holds of it."""
        info = self.status.system
        used = info.memory_total - info.memory_free
        print(f"Mem:  {info.memory_total // KIB}K total, {used // KIB}K used, ", end="")
        print(f"{info.memory_free // KIB}K free")
        print(f"Kernel: {info.kernel_image // KIB}K image, ", end="")
        print(f"{info.kernel_heap // KIB}K heap used")

    def show_process(self, process: ProcessInfo, permille: u64) -> None:
        """Prints the row of one process."""
        print(f"{process.pid:5} {process.parent:5} ", end="")
        self.processes.print_owner(process, OWNER_WIDTH)
        print(f" {state_letter(process.state)} {permille // 10:4}.{permille % 10} ", end="")
        print(f"{process.resident // KIB:7}K ", end="")
        hundredths = (process.user_ns + process.system_ns) // NS_PER_HUNDREDTH
        seconds = hundredths // HZ
        print(f"{seconds // 60:3}:{seconds % 60:02}.{hundredths % HZ:02}  ", end="")
        print(f" {text(until_zero(process.path[:]))}")


def part(busy_ns: u64, elapsed_ns: u64) -> u64:
    """Returns a share in thousandths, at most all; 0 of no time."""
    if elapsed_ns == 0:
        return 0
    return min(busy_ns * FULL_PERMILLE // elapsed_ns, FULL_PERMILLE)
