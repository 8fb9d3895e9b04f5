"""Bare Python: names every structure whose layout is compared, so that the compiler lays it out."""

from __future__ import annotations

from abi.elf import ElfHeader, ProgramHeader
from abi.epoll import EpollEvent
from abi.eventfd import TimerSpec
from abi.file import IoVec, Stat, StatFs
from abi.network import InterfaceList, InterfaceRequest, RouteEntry
from abi.poll import PollFd
from abi.process import ResourceLimit, ResourceUsage, UnameInfo
from abi.signal import SigAction, SigContext, SigInfo, SigStack, UContext
from abi.socket import (
    ControlHeader,
    Linger,
    MessageHeader,
    MessageVector,
    PacketInfo,
    SocketAddress,
    SocketAddress6,
    SocketAddressUnix,
    TcpInfo,
)
from abi.system import LinuxSysInfo
from abi.terminal import Termios, WindowSize
from abi.time import ProcessTimes, TimeSpec, TimeVal


def name_file_structures(a: Stat, b: StatFs, c: IoVec, d: PollFd) -> None:
    """Names structures of files."""


def name_process_structures(
    a: ResourceLimit, b: ResourceUsage, c: UnameInfo, d: LinuxSysInfo
) -> None:
    """Names structures of processes."""


def name_signal_structures(
    a: SigAction, b: SigContext, c: SigInfo, d: SigStack, e: UContext
) -> None:
    """Names structures of signals."""


def name_other_structures(a: Termios, b: WindowSize, c: ElfHeader, d: ProgramHeader) -> None:
    """Names structures of terminals and programs."""


def name_times(a: TimeSpec, b: TimeVal, c: ProcessTimes, d: TimerSpec) -> None:
    """Names structures of time."""


def name_addresses(a: SocketAddress, b: SocketAddress6, c: SocketAddressUnix, d: Linger) -> None:
    """Names structures of sockets."""


def name_messages(
    a: MessageHeader, b: MessageVector, c: ControlHeader, d: PacketInfo, e: TcpInfo
) -> None:
    """Names structures of what sockets send and receive."""


def name_network(a: EpollEvent, b: InterfaceRequest, c: InterfaceList, d: RouteEntry) -> None:
    """Names structures of interfaces and of epoll."""
