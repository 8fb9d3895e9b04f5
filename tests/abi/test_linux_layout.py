"""Structures and constants of `abi/` are those of Linux's headers for AArch64.

The oracle is the C compiler with the headers that come with it: it is asked for sizes, offsets and
values, which it leaves in an object file.
"""

from __future__ import annotations

import importlib
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

import abi.syscalls
from abi.declaration import DECLARATIONS
from bare import load

HEADERS = """
#define _GNU_SOURCE
#include <stddef.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <sys/ioctl.h>
#include <sys/auxv.h>
#include <asm/hwcap.h>
#include <time.h>
#include <elf.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
"""
KERNEL_HEADERS = """
#include <stddef.h>
#include <asm/termbits.h>
#include <asm/signal.h>
#include <linux/time.h>
#include <linux/resource.h>
#include <linux/sysinfo.h>
"""

STRUCTS = {
    "abi.file.Stat": (
        "struct stat",
        {
            "device": "st_dev", "inode": "st_ino", "mode": "st_mode", "links": "st_nlink",
            "uid": "st_uid", "gid": "st_gid", "special_device": "st_rdev",
            "size_bytes": "st_size", "block_size": "st_blksize", "blocks": "st_blocks",
            "accessed": "st_atim", "modified": "st_mtim", "changed": "st_ctim",
        },
    ),
    "abi.file.IoVec": ("struct iovec", {"base": "iov_base", "length": "iov_len"}),
    "abi.file.StatFs": (
        "struct statfs",
        {
            "kind": "f_type", "block_size": "f_bsize", "blocks": "f_blocks", "files": "f_files",
            "blocks_free": "f_bfree", "name_length": "f_namelen", "fragment_size": "f_frsize",
        },
    ),
    "abi.poll.PollFd": (
        "struct pollfd", {"fd": "fd", "events": "events", "revents": "revents"},
    ),
    "abi.time.TimeSpec": (
        "struct timespec", {"seconds": "tv_sec", "nanoseconds": "tv_nsec"},
    ),
    "abi.time.TimeVal": ("struct timeval", {"seconds": "tv_sec", "microseconds": "tv_usec"}),
    "abi.time.ProcessTimes": (
        "struct tms", {"user": "tms_utime", "children_system": "tms_cstime"},
    ),
    "abi.process.ResourceLimit": (
        "struct rlimit", {"current": "rlim_cur", "maximum": "rlim_max"},
    ),
    "abi.process.UnameInfo": (
        "struct utsname",
        {"system": "sysname", "release": "release", "machine": "machine"},
    ),
    "abi.signal.SigStack": (
        "stack_t", {"base": "ss_sp", "flags": "ss_flags", "size": "ss_size"},
    ),
    "abi.signal.SigInfo": (
        "siginfo_t",
        {
            "signal": "si_signo", "error": "si_errno", "code": "si_code",
            "pid_or_address": "si_addr", "status": "si_status",
        },
    ),
    "abi.signal.UContext": (
        "ucontext_t",
        {
            "flags": "uc_flags", "link": "uc_link", "stack": "uc_stack", "mask": "uc_sigmask",
            "context": "uc_mcontext",
        },
    ),
    "abi.signal.SigContext": (
        "mcontext_t",
        {
            "fault_address": "fault_address", "registers": "regs", "sp": "sp", "pc": "pc",
            "pstate": "pstate", "vectors": "__reserved",
        },
    ),
    "abi.elf.ElfHeader": (
        "Elf64_Ehdr", {"kind": "e_type", "entry": "e_entry", "program_count": "e_phnum"},
    ),
    "abi.elf.ProgramHeader": (
        "Elf64_Phdr",
        {"kind": "p_type", "flags": "p_flags", "offset": "p_offset", "file_size": "p_filesz"},
    ),
    "abi.terminal.WindowSize": ("struct winsize", {"rows": "ws_row", "columns": "ws_col"}),
    "abi.socket.SocketAddress": (
        "struct sockaddr_in", {"family": "sin_family", "port": "sin_port", "address": "sin_addr"},
    ),
    "abi.socket.SocketAddress6": (
        "struct sockaddr_in6",
        {"port": "sin6_port", "flow": "sin6_flowinfo", "address": "sin6_addr"},
    ),
    "abi.socket.SocketAddressUnix": (
        "struct sockaddr_un", {"family": "sun_family", "path": "sun_path"},
    ),
    "abi.socket.Linger": ("struct linger", {"is_on": "l_onoff", "seconds": "l_linger"}),
    "abi.socket.MessageHeader": (
        "struct msghdr",
        {
            "name": "msg_name", "name_size": "msg_namelen", "vectors": "msg_iov",
            "vector_count": "msg_iovlen", "control": "msg_control",
            "control_size": "msg_controllen", "flags": "msg_flags",
        },
    ),
    "abi.socket.MessageVector": (
        "struct mmsghdr",
        {"name": "msg_hdr.msg_name", "flags": "msg_hdr.msg_flags", "length": "msg_len"},
    ),
    "abi.socket.ControlHeader": (
        "struct cmsghdr", {"length": "cmsg_len", "level": "cmsg_level", "kind": "cmsg_type"},
    ),
    "abi.socket.PacketInfo": (
        "struct in_pktinfo",
        {"interface": "ipi_ifindex", "local": "ipi_spec_dst", "destination": "ipi_addr"},
    ),
    "abi.eventfd.TimerSpec": (
        "struct itimerspec", {"interval": "it_interval", "first": "it_value"},
    ),
    "abi.epoll.EpollEvent": ("struct epoll_event", {"events": "events", "data": "data"}),
    "abi.network.InterfaceRequest": (
        "struct ifreq", {"name": "ifr_name", "value": "ifr_addr"},
    ),
    "abi.network.InterfaceList": (
        "struct ifconf", {"size_bytes": "ifc_len", "buffer": "ifc_buf"},
    ),
    "abi.network.RouteEntry": (
        "struct rtentry",
        {
            "destination": "rt_dst", "gateway": "rt_gateway", "mask": "rt_genmask",
            "flags": "rt_flags", "metric": "rt_metric", "device": "rt_dev", "mtu": "rt_mtu",
        },
    ),
}  # fmt: skip
TCP_INFO_FIELDS = {
    "state": "tcpi_state", "options": "tcpi_options", "send_mss": "tcpi_snd_mss",
    "retransmit_timeout_us": "tcpi_rto", "unacknowledged": "tcpi_unacked",
    "last_data_sent_ms": "tcpi_last_data_sent", "path_mtu": "tcpi_pmtu",
    "round_trip_us": "tcpi_rtt", "congestion_window": "tcpi_snd_cwnd",
    "advertised_mss": "tcpi_advmss", "receive_space": "tcpi_rcv_space",
    "total_retransmits": "tcpi_total_retrans",
}  # fmt: skip
KERNEL_STRUCTS = {
    "abi.process.ResourceUsage": (
        "struct rusage", {"user_time": "ru_utime", "minor_faults": "ru_minflt"},
    ),
    "abi.system.LinuxSysInfo": (
        "struct sysinfo",
        {"uptime_seconds": "uptime", "total_ram": "totalram", "processes": "procs"},
    ),
    "abi.terminal.Termios": (
        "struct termios",
        {
            "input": "c_iflag", "output": "c_oflag", "control_modes": "c_cflag",
            "local": "c_lflag", "line": "c_line", "control": "c_cc",
        },
    ),
    "abi.signal.SigAction": (
        "struct sigaction",
        {
            "handler": "sa_handler", "flags": "sa_flags", "restorer": "sa_restorer",
            "mask": "sa_mask",
        },
    ),
}  # fmt: skip
CONSTANT_MODULES = {
    "abi.file": ("O_", "SEEK_", "AT_", "F_", "S_IF", "DT_", "FD_", "RENAME_", "R_OK", "W_OK"),
    "abi.memory": ("PROT_", "MAP_", "MADV_"),
    "abi.poll": ("POLL",),
    "abi.process": (
        *("HWCAP_", "CLONE_", "WNOHANG", "WUNTRACED", "WCONTINUED"),
        *("RUSAGE_", "RLIM", "AT_"),
    ),
    "abi.signal": ("SIG", "SA_", "SS_", "SI_", "SEGV_", "BUS_", "TRAP_", "CLD_", "ILL_"),
    "abi.socket": (
        "AF_", "SOCK_", "IPPROTO_", "SO", "INADDR_", "IP_", "TCP_", "MSG_", "SHUT_",
    ),
    "abi.epoll": ("EPOLL",),
    "abi.eventfd": ("EFD_", "TFD_"),
    "abi.network": ("SIOC", "IFF_", "ARPHRD_", "RTF_"),
    "abi.time": ("CLOCK_", "TIMER_", "UTIME_"),
    "abi.elf": ("ET_", "EM_", "PT_", "PF_"),
    "abi.terminal": (
        "TC", "TIOC", "FION", "BRK", "IC", "ISIG", "ECHO", "V", "OPOST", "ONLCR", "CS8",
    ),
}  # fmt: skip
OURS = (
    "SIGNAL_COUNT", "SIG_COUNT", "AT_EACCES", "WAIT_OPTIONS_IGNORED", "CLONE_SIGNAL_MASK",
    "SOCK_TYPE_MASK", "SOMAXCONN", "RLIMIT_COUNT", "O_ACCMODE", "O_LARGEFILE", "MAP_TYPE",
    "CLOCK_TICKS", "MINSIGSTKSZ",
)  # fmt: skip
"""Names that C libraries do not have, or have with another value."""


def evaluate(headers: str, expressions: list[str], folder: Path) -> list[int]:
    """Asks the C compiler for the values of constant expressions."""
    values = ", ".join(f"(unsigned long)({expression})" for expression in expressions)
    source = folder / "values.c"
    source.write_text(f"{headers}\nconst unsigned long values[] = {{ {values} }};\n")
    target = folder / "values.o"
    command = [sys.executable, "-m", "ziglang", "cc", "-target", "aarch64-linux-musl", "-w"]
    done = subprocess.run(
        [*command, "-c", str(source), "-o", str(target)],
        check=False,
        text=True,
        capture_output=True,
    )
    assert done.returncode == 0, [line for line in done.stderr.splitlines() if "error:" in line]
    with target.open("rb") as file:
        elf = ELFFile(file)
        data = next(s for s in elf.iter_sections() if s.name.startswith(".rodata")).data()
    return list(struct.unpack(f"<{len(expressions)}Q", data[: 8 * len(expressions)]))


def layout_of(name: str, fields: list[str]) -> list[int]:
    """Returns size and offsets by the compiler of ours."""
    layout = load("tests/abi/layout_rig.py").program.ir.structs[name]
    return [layout.size, *[layout.fields[field].offset for field in fields]]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("headers", "structs"),
    [(HEADERS, STRUCTS), (KERNEL_HEADERS, KERNEL_STRUCTS)],
    ids=["library", "kernel"],
)
def test_structures_have_linux_layout(headers, structs, tmp_path):
    expressions, expected = [], []
    for name, (c_name, fields) in structs.items():
        expressions.append(f"sizeof({c_name})")
        expressions += [f"offsetof({c_name}, {field})" for field in fields.values()]
        expected += layout_of(name, list(fields))
    found = evaluate(headers, expressions, tmp_path)
    assert dict(zip(expressions, expected, strict=True)) == dict(
        zip(expressions, found, strict=True)
    )


@pytest.mark.slow
def test_tcp_info_begins_as_on_linux(tmp_path):
    offsets = [f"offsetof(struct tcp_info, {field})" for field in TCP_INFO_FIELDS.values()]
    found = evaluate(HEADERS, offsets, tmp_path)
    assert layout_of("abi.socket.TcpInfo", list(TCP_INFO_FIELDS))[1:] == found


@pytest.mark.slow
@pytest.mark.parametrize("module", CONSTANT_MODULES)
def test_constants_have_linux_values(module, tmp_path):
    prefixes = CONSTANT_MODULES[module]
    constants = {
        name: value
        for name, value in vars(importlib.import_module(module)).items()
        if isinstance(value, int) and name.startswith(prefixes) and name not in OURS
    }
    assert len(constants) > 5
    headers = KERNEL_HEADERS + "#include <asm/ioctls.h>\n" if "terminal" in module else HEADERS
    found = evaluate(headers, list(constants), tmp_path)
    wrong = {
        name: (value, theirs)
        for (name, value), theirs in zip(constants.items(), found, strict=True)
        if value % 2**64 != theirs
    }
    assert wrong == {}


def test_numbers_are_linux_numbers(tmp_path):
    renamed = {"linux_sysinfo": "sysinfo", "newfstatat": "newfstatat"}
    linux = [entry for number, entry in DECLARATIONS.items() if number < 1024]
    assert len(linux) > 50, f"{abi.syscalls.__name__} was not read"
    names = [entry.function.__name__ for entry in linux]
    expressions = [f"__NR_{renamed.get(name, name)}" for name in names]
    found = evaluate("#include <asm/unistd.h>", expressions, tmp_path)
    assert dict(zip(names, found, strict=True)) == {
        entry.function.__name__: entry.number for entry in linux
    }
