"""Signals and the frame in which a handler runs.

Linux AArch64: include/uapi/asm-generic/{signal,siginfo,ucontext}.h and
arch/arm64/include/uapi/asm/sigcontext.h.
"""

from bare import Array, array, i32, i64, inline, struct, u8, u32, u64

SIGHUP: i32 = 1
SIGINT: i32 = 2
SIGQUIT: i32 = 3
SIGILL: i32 = 4
SIGTRAP: i32 = 5
SIGABRT: i32 = 6
SIGBUS: i32 = 7
SIGFPE: i32 = 8
SIGKILL: i32 = 9
SIGUSR1: i32 = 10
SIGSEGV: i32 = 11
SIGUSR2: i32 = 12
SIGPIPE: i32 = 13
SIGALRM: i32 = 14
SIGTERM: i32 = 15
SIGSTKFLT: i32 = 16
SIGCHLD: i32 = 17
SIGCONT: i32 = 18
SIGSTOP: i32 = 19
SIGTSTP: i32 = 20
SIGTTIN: i32 = 21
SIGTTOU: i32 = 22
SIGURG: i32 = 23
SIGXCPU: i32 = 24
SIGXFSZ: i32 = 25
SIGVTALRM: i32 = 26
SIGPROF: i32 = 27
SIGWINCH: i32 = 28
SIGIO: i32 = 29
SIGPWR: i32 = 30
SIGSYS: i32 = 31
SIGNAL_COUNT = 64
"""Signals are 1 to 64; the set of signal n has bit n - 1."""

SIG_DFL: u64 = 0
SIG_IGN: u64 = 1

SA_NOCLDSTOP: u64 = 0x1
SA_NOCLDWAIT: u64 = 0x2
SA_SIGINFO: u64 = 0x4
SA_RESTORER: u64 = 0x0400_0000
SA_ONSTACK: u64 = 0x0800_0000
SA_RESTART: u64 = 0x1000_0000
SA_NODEFER: u64 = 0x4000_0000
SA_RESETHAND: u64 = 0x8000_0000

SIG_BLOCK: i32 = 0
SIG_UNBLOCK: i32 = 1
SIG_SETMASK: i32 = 2

SS_ONSTACK: i32 = 1
SS_DISABLE: i32 = 2
MINSIGSTKSZ: u64 = 5120

SI_USER: i32 = 0
SI_KERNEL: i32 = 0x80
SI_TKILL: i32 = -6
ILL_ILLOPC: i32 = 1
FPE_INTDIV: i32 = 1
SEGV_MAPERR: i32 = 1
SEGV_ACCERR: i32 = 2
BUS_ADRALN: i32 = 1
BUS_ADRERR: i32 = 2
TRAP_BRKPT: i32 = 1
CLD_EXITED: i32 = 1
CLD_KILLED: i32 = 2
CLD_DUMPED: i32 = 3
CLD_STOPPED: i32 = 5
CLD_CONTINUED: i32 = 6

FPSIMD_MAGIC: u32 = 0x4650_8001
FPSIMD_SIZE: u32 = 528


@struct(size=32)
class SigAction:
    """The kernel's `struct sigaction`."""

    handler: u64 = 0
    flags: u64 = 0
    restorer: u64 = 0
    mask: u64 = 0


@struct(size=24)
class SigStack:
    """`stack_t`: the alternate signal stack."""

    base: u64 = 0
    flags: i32 = 0
    padding: u32 = 0
    size: u64 = 0


@struct(size=8)
class SigSet:
    """`sigset_t` as the kernel has it: bit n - 1 is signal n."""

    bits: u64 = 0


@struct(size=128)
class SigInfo:
    """`siginfo_t`, the parts of its union that the kernel fills in."""

    signal: i32 = 0
    error: i32 = 0
    code: i32 = 0
    padding: i32 = 0
    pid_or_address: u64 = 0
    """For a fault the address; for a signal from a process its pid (low) and uid (high half)."""
    status: i32 = 0
    padding_2: i32 = 0
    user_time: i64 = 0
    system_time: i64 = 0
    rest: Array[u8] = array(80)


@struct(size=528)
class FpSimdContext:
    """`struct fpsimd_context`: the vector registers in a signal frame."""

    magic: u32 = 0
    size: u32 = 0
    fpsr: u32 = 0
    fpcr: u32 = 0
    registers: Array[u64] = array(64)


@struct(size=4384)
class SigContext:
    """`struct sigcontext`: the interrupted registers."""

    fault_address: u64 = 0
    registers: Array[u64] = array(31)
    sp: u64 = 0
    pc: u64 = 0
    pstate: u64 = 0
    padding: u64 = 0
    vectors: FpSimdContext = inline()
    end_magic: u32 = 0
    end_size: u32 = 0
    reserved: Array[u8] = array(3560)


@struct(size=4560)
class UContext:
    """`ucontext_t`."""

    flags: u64 = 0
    link: u64 = 0
    stack: SigStack = inline()
    mask: SigSet = inline()
    unused: Array[u8] = array(128)
    context: SigContext = inline()


@struct(size=4704)
class SignalFrame:
    """What lies at sp when a handler starts: `struct rt_sigframe`, then a frame record."""

    info: SigInfo = inline()
    ucontext: UContext = inline()
    frame_pointer: u64 = 0
    """Frame record (x29, x30) of the interrupted code: a debugger unwinds through the handler."""
    link_register: u64 = 0
