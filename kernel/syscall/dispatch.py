"""Decode a system call and call its body.

Written by `swiftos/generate.py` from `abi/syscalls.py`; do not edit.
"""

from abi.errno import ENOSYS
from bare import raises, u64, wrap_i32, wrap_i64, wrap_u32, wrap_u64
from kernel.syscall.call import Call
from kernel.syscall.directory import (
    chdir,
    faccessat,
    fchdir,
    fchmodat,
    getcwd,
    getdents64,
    mkdirat,
    newfstatat,
    readlinkat,
    renameat2,
    statfs,
    symlinkat,
    unlinkat,
    utimensat,
)
from kernel.syscall.epoll import epoll_create1, epoll_ctl, epoll_pwait
from kernel.syscall.event_files import eventfd2, timerfd_create, timerfd_gettime, timerfd_settime
from kernel.syscall.file import (
    close,
    dup,
    dup3,
    fcntl,
    fstat,
    fstatfs,
    fsync,
    ftruncate,
    ioctl,
    lseek,
    openat,
    pipe2,
    pread64,
    pwrite64,
    read,
    readv,
    sync,
    write,
    writev,
)
from kernel.syscall.identity import (
    getegid,
    geteuid,
    getgid,
    getgroups,
    getuid,
    security_info,
    security_restrict,
)
from kernel.syscall.log import log_read, log_stats
from kernel.syscall.memory import brk, madvise, mmap, mprotect, munmap
from kernel.syscall.message import recvfrom, recvmmsg, recvmsg, sendmmsg, sendmsg, sendto
from kernel.syscall.poll import ppoll
from kernel.syscall.process import (
    clone,
    execve,
    exit,
    exit_group,
    getpgid,
    getpid,
    getppid,
    getrusage,
    getsid,
    gettid,
    prctl,
    prlimit64,
    sched_yield,
    set_robust_list,
    set_tid_address,
    setpgid,
    setsid,
    umask,
    wait4,
)
from kernel.syscall.sendfile import sendfile
from kernel.syscall.signal import (
    kill,
    rt_sigaction,
    rt_sigpending,
    rt_sigprocmask,
    rt_sigreturn,
    rt_sigsuspend,
    rt_sigtimedwait,
    sigaltstack,
    tgkill,
    tkill,
    trap_entry,
    trap_exit,
)
from kernel.syscall.socket import (
    accept,
    accept4,
    bind,
    connect,
    getpeername,
    getsockname,
    getsockopt,
    listen,
    setsockopt,
    shutdown,
    socket,
    sockstat,
)
from kernel.syscall.statistics import procstat, sysinfo
from kernel.syscall.system import fail_allocation, getcpu, getrandom, linux_sysinfo, reboot, uname
from kernel.syscall.time import (
    clock_getres,
    clock_gettime,
    clock_nanosleep,
    gettimeofday,
    nanosleep,
    times,
)


@raises()
def dispatch(
    call: Call, number: u64, a0: u64, a1: u64, a2: u64, a3: u64, a4: u64, a5: u64
) -> u64:
    """Runs system call `number`; returns the value for x0. ENOSYS: there is none."""
    match number:
        case 17:
            return getcwd(call, a0, a1)
        case 19:
            return wrap_u64(eventfd2(call, wrap_u32(a0), wrap_u32(a1)))
        case 20:
            return wrap_u64(epoll_create1(call, wrap_u32(a0)))
        case 21:
            epoll_ctl(call, wrap_i32(a0), wrap_i32(a1), wrap_i32(a2), a3)
            return 0
        case 22:
            return epoll_pwait(call, wrap_i32(a0), a1, a2, wrap_i32(a3), a4, a5)
        case 23:
            return wrap_u64(dup(call, wrap_i32(a0)))
        case 24:
            return wrap_u64(dup3(call, wrap_i32(a0), wrap_i32(a1), wrap_u32(a2)))
        case 25:
            return wrap_u64(fcntl(call, wrap_i32(a0), wrap_i32(a1), a2))
        case 29:
            return wrap_u64(ioctl(call, wrap_i32(a0), wrap_u32(a1), a2))
        case 34:
            mkdirat(call, wrap_i32(a0), a1, wrap_u32(a2))
            return 0
        case 35:
            unlinkat(call, wrap_i32(a0), a1, wrap_u32(a2))
            return 0
        case 36:
            symlinkat(call, a0, wrap_i32(a1), a2)
            return 0
        case 43:
            statfs(call, a0, a1)
            return 0
        case 44:
            fstatfs(call, wrap_i32(a0), a1)
            return 0
        case 46:
            ftruncate(call, wrap_i32(a0), wrap_i64(a1))
            return 0
        case 48:
            faccessat(call, wrap_i32(a0), a1, wrap_u32(a2))
            return 0
        case 49:
            chdir(call, a0)
            return 0
        case 50:
            fchdir(call, wrap_i32(a0))
            return 0
        case 53:
            fchmodat(call, wrap_i32(a0), a1, wrap_u32(a2))
            return 0
        case 56:
            return wrap_u64(openat(call, wrap_i32(a0), a1, wrap_u32(a2), wrap_u32(a3)))
        case 57:
            close(call, wrap_i32(a0))
            return 0
        case 59:
            pipe2(call, a0, wrap_u32(a1))
            return 0
        case 61:
            return getdents64(call, wrap_i32(a0), a1, a2)
        case 62:
            return wrap_u64(lseek(call, wrap_i32(a0), wrap_i64(a1), wrap_i32(a2)))
        case 63:
            return read(call, wrap_i32(a0), a1, a2)
        case 64:
            return write(call, wrap_i32(a0), a1, a2)
        case 65:
            return readv(call, wrap_i32(a0), a1, a2)
        case 66:
            return writev(call, wrap_i32(a0), a1, a2)
        case 67:
            return pread64(call, wrap_i32(a0), a1, a2, wrap_i64(a3))
        case 68:
            return pwrite64(call, wrap_i32(a0), a1, a2, wrap_i64(a3))
        case 71:
            return sendfile(call, wrap_i32(a0), wrap_i32(a1), a2, a3)
        case 73:
            return ppoll(call, a0, a1, a2, a3, a4)
        case 78:
            return readlinkat(call, wrap_i32(a0), a1, a2, a3)
        case 79:
            newfstatat(call, wrap_i32(a0), a1, a2, wrap_u32(a3))
            return 0
        case 80:
            fstat(call, wrap_i32(a0), a1)
            return 0
        case 81:
            sync(call)
            return 0
        case 82:
            fsync(call, wrap_i32(a0))
            return 0
        case 85:
            return wrap_u64(timerfd_create(call, wrap_i32(a0), wrap_u32(a1)))
        case 86:
            timerfd_settime(call, wrap_i32(a0), wrap_u32(a1), a2, a3)
            return 0
        case 87:
            timerfd_gettime(call, wrap_i32(a0), a1)
            return 0
        case 88:
            utimensat(call, wrap_i32(a0), a1, a2, wrap_u32(a3))
            return 0
        case 93:
            exit(call, wrap_i32(a0))
        case 94:
            exit_group(call, wrap_i32(a0))
        case 96:
            return wrap_u64(set_tid_address(call, a0))
        case 99:
            set_robust_list(call, a0, a1)
            return 0
        case 101:
            nanosleep(call, a0, a1)
            return 0
        case 113:
            clock_gettime(call, wrap_i32(a0), a1)
            return 0
        case 114:
            clock_getres(call, wrap_i32(a0), a1)
            return 0
        case 115:
            clock_nanosleep(call, wrap_i32(a0), wrap_u32(a1), a2, a3)
            return 0
        case 124:
            sched_yield(call)
            return 0
        case 129:
            kill(call, wrap_i32(a0), wrap_i32(a1))
            return 0
        case 130:
            tkill(call, wrap_i32(a0), wrap_i32(a1))
            return 0
        case 131:
            tgkill(call, wrap_i32(a0), wrap_i32(a1), wrap_i32(a2))
            return 0
        case 132:
            sigaltstack(call, a0, a1)
            return 0
        case 133:
            rt_sigsuspend(call, a0, a1)
            return 0
        case 134:
            rt_sigaction(call, wrap_i32(a0), a1, a2, a3)
            return 0
        case 135:
            rt_sigprocmask(call, wrap_i32(a0), a1, a2, a3)
            return 0
        case 136:
            rt_sigpending(call, a0, a1)
            return 0
        case 137:
            return wrap_u64(rt_sigtimedwait(call, a0, a1, a2, a3))
        case 139:
            return rt_sigreturn(call)
        case 142:
            call.require(0x1)
            reboot(call, wrap_u32(a0), wrap_u32(a1), wrap_u32(a2), a3)
            return 0
        case 153:
            return wrap_u64(times(call, a0))
        case 154:
            setpgid(call, wrap_i32(a0), wrap_i32(a1))
            return 0
        case 155:
            return wrap_u64(getpgid(call, wrap_i32(a0)))
        case 156:
            return wrap_u64(getsid(call, wrap_i32(a0)))
        case 157:
            return wrap_u64(setsid(call))
        case 158:
            return wrap_u64(getgroups(call, wrap_i32(a0), a1))
        case 160:
            uname(call, a0)
            return 0
        case 165:
            getrusage(call, wrap_i32(a0), a1)
            return 0
        case 166:
            return wrap_u64(umask(call, wrap_u32(a0)))
        case 167:
            return wrap_u64(prctl(call, wrap_i32(a0), a1, a2, a3, a4))
        case 168:
            getcpu(call, a0, a1, a2)
            return 0
        case 169:
            gettimeofday(call, a0, a1)
            return 0
        case 172:
            return wrap_u64(getpid(call))
        case 173:
            return wrap_u64(getppid(call))
        case 174:
            return wrap_u64(getuid(call))
        case 175:
            return wrap_u64(geteuid(call))
        case 176:
            return wrap_u64(getgid(call))
        case 177:
            return wrap_u64(getegid(call))
        case 178:
            return wrap_u64(gettid(call))
        case 179:
            linux_sysinfo(call, a0)
            return 0
        case 198:
            return wrap_u64(socket(call, wrap_i32(a0), wrap_u32(a1), wrap_i32(a2)))
        case 200:
            bind(call, wrap_i32(a0), a1, a2)
            return 0
        case 201:
            listen(call, wrap_i32(a0), wrap_i32(a1))
            return 0
        case 202:
            return wrap_u64(accept(call, wrap_i32(a0), a1, a2))
        case 203:
            connect(call, wrap_i32(a0), a1, a2)
            return 0
        case 204:
            getsockname(call, wrap_i32(a0), a1, a2)
            return 0
        case 205:
            getpeername(call, wrap_i32(a0), a1, a2)
            return 0
        case 206:
            return sendto(call, wrap_i32(a0), a1, a2, wrap_u32(a3), a4, a5)
        case 207:
            return recvfrom(call, wrap_i32(a0), a1, a2, wrap_u32(a3), a4, a5)
        case 208:
            setsockopt(call, wrap_i32(a0), wrap_u32(a1), wrap_u32(a2), a3, a4)
            return 0
        case 209:
            getsockopt(call, wrap_i32(a0), wrap_u32(a1), wrap_u32(a2), a3, a4)
            return 0
        case 210:
            shutdown(call, wrap_i32(a0), wrap_i32(a1))
            return 0
        case 211:
            return sendmsg(call, wrap_i32(a0), a1, wrap_u32(a2))
        case 212:
            return recvmsg(call, wrap_i32(a0), a1, wrap_u32(a2))
        case 214:
            return brk(call, a0)
        case 215:
            munmap(call, a0, a1)
            return 0
        case 220:
            call.require(0x2)
            return wrap_u64(clone(call, a0, a1, a2, a3, a4))
        case 221:
            execve(call, a0, a1, a2)
            return 0
        case 222:
            return mmap(call, a0, a1, wrap_u32(a2), wrap_u32(a3), wrap_i32(a4), a5)
        case 226:
            mprotect(call, a0, a1, wrap_u32(a2))
            return 0
        case 233:
            madvise(call, a0, a1, wrap_i32(a2))
            return 0
        case 242:
            return wrap_u64(accept4(call, wrap_i32(a0), a1, a2, wrap_u32(a3)))
        case 243:
            return recvmmsg(call, wrap_i32(a0), a1, a2, wrap_u32(a3), a4)
        case 260:
            return wrap_u64(wait4(call, wrap_i32(a0), a1, wrap_i32(a2), a3))
        case 261:
            prlimit64(call, wrap_i32(a0), wrap_u32(a1), a2, a3)
            return 0
        case 269:
            return sendmmsg(call, wrap_i32(a0), a1, a2, wrap_u32(a3))
        case 276:
            renameat2(call, wrap_i32(a0), a1, wrap_i32(a2), a3, wrap_u32(a4))
            return 0
        case 278:
            return getrandom(call, a0, a1, wrap_u32(a2))
        case 1024:
            return sysinfo(call, a0, a1, a2, a3, a4)
        case 1025:
            return procstat(call, a0, a1, a2)
        case 1026:
            trap_entry(call, a0, a1)
            return 0
        case 1027:
            trap_exit(call)
        case 1028:
            call.require(0x40)
            return log_read(call, a0, a1, a2)
        case 1029:
            security_info(call, wrap_i32(a0), a1, a2)
            return 0
        case 1030:
            return security_restrict(call, a0)
        case 1031:
            call.require(0x40)
            log_stats(call, a0)
            return 0
        case 1032:
            call.require(0x1)
            return fail_allocation(call, a0)
        case 1033:
            return sockstat(call, a0, a1, a2)
        case _:
            pass
    raise OSError(ENOSYS)
