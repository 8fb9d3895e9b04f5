"""`Configuration`: what the network service does to the system: interface, resolver file, probe."""

from __future__ import annotations

from abi.file import AT_FDCWD, O_CLOEXEC, O_CREAT, O_NOCTTY, O_RDWR, O_TRUNC, O_WRONLY
from abi.time import NS_PER_MS
from bare import Array, array, i32, inline, raises, struct, u8, u16, u32, u64
from user.lib import socket, sys
from user.lib.clock import monotonic_ns
from user.lib.inputs import close_quietly
from user.lib.net.address import AddressText
from user.lib.net.dhcp_client import Lease
from user.lib.net.echo import EchoReply, build_request, read_reply
from user.lib.net.interface import InterfaceControl
from user.lib.net.network_file import NetworkSettings
from user.lib.net.waiting import wait_readable
from user.lib.output import Output
from user.lib.socket import Endpoint
from user.lib.terminal import ask_for_redraw

RESOLVER_FILE: bytes = b"/run/resolv.conf"
CONSOLE: bytes = b"/dev/console"
NEW_FILE: bytes = b"/run/resolv.conf.new"
FILE_MODE: u32 = 0o644
MESSAGE_SIZE = 64
REPLY_SIZE = 256
PROBES = 3
PROBE_TIMEOUT_NS: u64 = 1000 * NS_PER_MS


@struct
class Configuration:
    """The interface that the settings name."""

    settings: NetworkSettings
    interface: InterfaceControl = inline()

    @raises()
    def open(self) -> None:
        """Sets the interface up; ENODEV where there is none."""
        self.interface.open(self.settings.interface)
        self.interface.set_up()

    @raises()
    def apply_static(self) -> None:
        """Applies what the settings say."""
        settings = self.settings
        lease = Lease()
        lease.address = settings.address
        lease.prefix = settings.prefix
        lease.router = settings.gateway
        self.apply(lease)

    @raises()
    def apply(self, lease: Lease) -> None:
        """Gives the interface what a lease says, and tells resolvers."""
        self.interface.set_address(lease.address, lease.prefix)
        if lease.router != 0:
            self.interface.set_gateway(lease.router)
        self._write_servers(lease)
        if lease.router != 0:
            probe(lease.router)
            restore_prompt()

    @raises()
    def clear(self) -> None:
        """Takes the address away."""
        self.interface.set_address(0, 0)
        self._write_servers(Lease())

    @raises()
    def _write_servers(self, lease: Lease) -> None:
        """Replaces the resolver file: the servers of the settings, else those of the lease."""
        descriptor = sys.openat(
            AT_FDCWD, NEW_FILE, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE
        )
        buffer: Array[u8] = array(128)
        output = Output(descriptor, buffer[:])
        settings = self.settings
        if settings.dns_count > 0:
            for index in range(settings.dns_count):
                write_server(output, settings.dns[index])
        else:
            for index in range(lease.dns_count):
                write_server(output, lease.dns[index])
        output.flush()
        sys.close(descriptor)
        if output.error != 0:
            raise OSError(output.error)
        sys.renameat2(AT_FDCWD, NEW_FILE, AT_FDCWD, RESOLVER_FILE, 0)


def restore_prompt() -> None:
    """Has the shell show its prompt again, behind the lines that the kernel wrote over it."""
    try:
        console = sys.openat(AT_FDCWD, CONSOLE, O_RDWR | O_NOCTTY | O_CLOEXEC, 0)
        try:
            ask_for_redraw(console)
        finally:
            close_quietly(console)
    except OSError:
        return


def write_server(output: Output, address: u32) -> None:
    """Writes a line for one server."""
    output.line(f"nameserver {AddressText().show(address)}")


def probe(gateway: u32) -> None:
    """Asks the gateway for an echo, again where none comes; the kernel logs the first answers."""
    try:
        descriptor = socket.open_ping()
        try:
            for sequence in range(PROBES):
                if has_answered(descriptor, gateway, u16(sequence)):
                    return
        finally:
            close_quietly(descriptor)
    except OSError:
        return


@raises()
def has_answered(descriptor: i32, gateway: u32, sequence: u16) -> bool:
    """Sends one request and waits for its reply."""
    message: Array[u8] = array(MESSAGE_SIZE)
    build_request(message, sequence, 0)
    socket.send_to(descriptor, message, Endpoint(gateway, 0))
    end_ns = monotonic_ns() + PROBE_TIMEOUT_NS
    received: Array[u8] = array(REPLY_SIZE)
    reply = EchoReply()
    while wait_readable(descriptor, end_ns):
        count = socket.receive(descriptor, received)
        if read_reply(received[:count], reply):
            return True
    return False
