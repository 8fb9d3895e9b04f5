"""`DhcpService`: the DHCP client with its socket, for as long as the machine runs."""

from __future__ import annotations

from abi.errno import EAGAIN, ENETDOWN, ENETUNREACH, ENOBUFS
from abi.process import UnameInfo
from abi.socket import SO_BROADCAST, SOL_SOCKET
from abi.time import NS_PER_MS
from bare import Array, Bytes, array, errno_of, i32, inline, load_u32, raises, struct, u8, u64
from user.lib import socket, sys
from user.lib.net.configuration import Configuration
from user.lib.net.dhcp_client import Change, DhcpClient
from user.lib.net.dhcp_message import CLIENT_PORT, MESSAGE_LIMIT, SERVER_PORT
from user.lib.net.interface import bind_to_interface
from user.lib.net.waiting import monotonic_ms, wait_readable
from user.lib.socket import Endpoint
from user.lib.strings import until_zero

RECEIVE_LIMIT = 1500
LONGEST_WAIT_MS: u64 = 1 << 40


@struct
class DhcpService:
    """The client of one interface."""

    configuration: Configuration
    client: DhcpClient = inline()
    identity: UnameInfo = inline()
    descriptor: i32 = -1

    @raises()
    def run(self) -> None:
        """Gets and keeps an address; never returns."""
        self._prepare()
        while True:
            if self.client.has_message:
                self._send()
            change = self._wait()
            if change == Change.BOUND:
                self.configuration.apply(self.client.lease)
            elif change == Change.LOST:
                self.configuration.clear()

    @raises()
    def _prepare(self) -> None:
        """Opens the socket and starts the client."""
        hardware: Array[u8] = array(6)
        self.configuration.interface.read_hardware(hardware)
        random: Array[u8] = array(4)
        sys.getrandom(random, 0)
        sys.uname(self.identity)
        self.descriptor = socket.open_udp()
        socket.set_option(self.descriptor, SOL_SOCKET, SO_BROADCAST, 1)
        bind_to_interface(self.descriptor, self.configuration.interface.name)
        socket.bind(self.descriptor, Endpoint(0, CLIENT_PORT))
        self.client.begin(monotonic_ms(), hardware, load_u32(random, 0))

    @raises()
    def _send(self) -> None:
        """Sends the message that is due; one that cannot be sent is sent again later."""
        message: Array[u8] = array(MESSAGE_LIMIT)
        remote = Endpoint(self.client.destination(), SERVER_PORT)
        length = self.client.build(monotonic_ms(), message, self._host_name())
        try:
            socket.send_to(self.descriptor, message[:length], remote)
        except OSError as error:
            if errno_of(error) not in (EAGAIN, ENETDOWN, ENETUNREACH, ENOBUFS):
                raise

    @raises()
    def _wait(self) -> Change:
        """Waits for a datagram or the client's time."""
        end_ms = min(self.client.deadline_ms, LONGEST_WAIT_MS)
        if not wait_readable(self.descriptor, end_ms * NS_PER_MS):
            return self.client.timer(monotonic_ms())
        message: Array[u8] = array(RECEIVE_LIMIT)
        count = socket.receive(self.descriptor, message)
        return self.client.take(monotonic_ms(), message[:count])

    def _host_name(self) -> Bytes:
        """Returns the name that the server may give to others."""
        return until_zero(self.identity.node)
