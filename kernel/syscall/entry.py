"""From a trap of a program to what serves it, and back: the `TrapHandlers` of the kernel.

Here, and nowhere else, an error becomes a register value. On the way in the time in the program is
accounted, on the way out that in the kernel; on the way out signals are delivered and the CPU is
given to another thread where that is due.
"""

from __future__ import annotations

from abi.errno import EINTR, EPIPE
from abi.signal import SIGPIPE
from bare import errno_of, struct, u64, wrap_u64, wrapping_neg
from kernel.arch.aarch64.exceptions import Fault, TrapFrame, TrapHandlers
from kernel.arch.aarch64.interrupts import mask_interrupts, unmask_interrupts
from kernel.device.irq import IrqTable
from kernel.mm.page_fault import FaultResult, handle_fault
from kernel.proc.family import INIT_PID
from kernel.proc.job_control import running_process
from kernel.proc.process import Process, UserThread
from kernel.proc.signal_deliver import SignalDelivery
from kernel.proc.signal_send import post_signal
from kernel.proc.signal_state import SignalDetail
from kernel.proc.trap import ProgramTrap, describe_fault, raise_trap
from kernel.sched.cpu import current_cpu, current_thread
from kernel.sched.thread import Progress, Thread
from kernel.security.audit import log_denial
from kernel.syscall.call import Call, Services
from kernel.syscall.dispatch import dispatch

NUMBER_REGISTER = 8
INIT_PAUSE_NS: u64 = 20_000_000
"""How long PID 1 waits before it asks for memory again."""
ENDED_BY_HANDLERS: tuple[u64, ...] = (22, 73, 101, 115, 133, 137)
"""epoll_pwait, ppoll, nanosleep, clock_nanosleep, rt_sigsuspend, rt_sigtimedwait: signal(7)."""


@struct
class KernelEntry(TrapHandlers):
    """The kernel as programs enter it. One for all CPUs."""

    services: Services | None = None
    delivery: SignalDelivery | None = None
    irqs: IrqTable | None = None

    def handle_syscall(self, frame: TrapFrame) -> None:
        services = self.services
        thread = enter_kernel()
        process = thread.process
        assert services is not None and process is not None, "system call without a process"
        current_cpu().system_calls += 1
        call = Call(process, thread, services, frame)
        thread.interrupted_x0 = frame.registers[0]
        thread.can_restart = False
        frame.registers[0] = serve(call, frame)

    def handle_user_fault(self, frame: TrapFrame, fault: Fault) -> None:
        services = self.services
        thread = enter_kernel()
        process = thread.process
        assert services is not None and process is not None, "fault without a process"
        thread.can_restart = False
        result = FaultResult.NO_AREA
        if fault.is_memory():
            result = resolve(services, process, fault)
            if result == FaultResult.RESOLVED:
                return
        trap = ProgramTrap()
        describe_fault(fault, result, trap)
        raise_trap(services.processes, process, frame, trap)

    def resolve_user_access(self, fault: Fault) -> bool:
        services = self.services
        process = running_process()
        if services is None or process is None or not fault.is_memory():
            return False
        return resolve(services, process, fault) == FaultResult.RESOLVED

    def handle_irq(self, frame: TrapFrame) -> None:
        irqs = self.irqs
        if irqs is not None:
            current_cpu().interrupts += 1
            irqs.dispatch()

    def return_to_user(self, frame: TrapFrame) -> None:
        services = self.services
        delivery = self.delivery
        assert services is not None and delivery is not None, "entry before it was started"
        while True:
            services.scheduler.preempt()
            thread = user_thread(current_thread())
            process = thread.process
            if process is None or not has_work(process, thread):
                break
            unmask_interrupts()
            delivery.deliver(process, thread, frame)
            mask_interrupts()
        leave_kernel(thread)


def serve(call: Call, frame: TrapFrame) -> u64:
    """Runs a system call and returns what goes to x0: the result or a negated error."""
    number = frame.registers[NUMBER_REGISTER]
    r = frame.registers
    call.process.credentials.denied = 0
    try:
        return dispatch(call, number, r[0], r[1], r[2], r[3], r[4], r[5])
    except OSError as error:
        code = errno_of(error)
        if code == EINTR:
            call.thread.can_restart = True
            call.thread.needs_silence = number in ENDED_BY_HANDLERS
        elif code == EPIPE and not call.is_pipe_signal_off:
            send_broken_pipe(call)
        elif call.process.credentials.denied != 0:
            log_denial(call.services.log, call.process.pid, call.process.credentials, number)
        return wrapping_neg(wrap_u64(code))


def send_broken_pipe(call: Call) -> None:
    """Sends SIGPIPE to a process that wrote where nobody reads."""
    with call.services.processes.lock:
        detail = SignalDetail(pid=call.process.pid)
        post_signal(call.process, SIGPIPE, detail)


def has_work(process: Process, thread: UserThread) -> bool:
    """Whether signals or what they leave behind must be seen to before the program goes on."""
    return thread.must_interrupt or thread.can_restart or process.signals.is_suspended


def resolve(services: Services, process: Process, fault: Fault) -> FaultResult:
    """Has the address space of a process page in what was accessed.

    Without memory PID 1, which the machine cannot do without, waits until others have given some
    back.
    """
    space = process.space
    if space is None:
        return FaultResult.NO_AREA
    current_cpu().page_faults += 1
    process.page_faults += 1
    result = handle_fault(space, fault.address, fault.access)
    while result == FaultResult.NO_MEMORY and process.pid == INIT_PID:
        services.scheduler.pause(INIT_PAUSE_NS)
        result = handle_fault(space, fault.address, fault.access)
    return result


def enter_kernel() -> UserThread:
    """Accounts the time in the program and returns its thread."""
    mask_interrupts()
    thread = current_thread()
    if thread.progress == Progress.USER:
        thread.home.account()
        thread.progress = Progress.SYSTEM
    unmask_interrupts()
    return user_thread(thread)


def leave_kernel(thread: Thread) -> None:
    """Accounts the time in the kernel. Interrupts are masked."""
    if thread.progress == Progress.SYSTEM:
        thread.home.account()
        thread.progress = Progress.USER


def user_thread(thread: Thread) -> UserThread:
    """Returns the thread as that of a program, which it is."""
    assert isinstance(thread, UserThread), "trap of a program in a kernel thread"
    return thread
