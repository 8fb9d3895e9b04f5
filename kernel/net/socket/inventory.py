"""The list of all sockets and connections: what `ss` shows."""

from __future__ import annotations

from abi.capability import CAP_PROCESS_INSPECT
from abi.socket import SocketInfo
from bare import Span, copy_struct, never_inline, usize
from kernel.net.socket.binding import PortTable
from kernel.net.socket.layer import SocketLayer
from kernel.security.credentials import Credentials


def count_sockets(layer: SocketLayer) -> usize:
    """Returns how many there are now, whoever may see them."""
    with layer.stack.lock:
        count: usize = layer.tcp.connections.count
        count += layer.tcp.ports.count
        count += layer.datagrams.udp.count
        return count + layer.datagrams.ping.count


def list_sockets(layer: SocketLayer, viewer: Credentials, records: Span[SocketInfo]) -> usize:
    """Fills in records of what a viewer may see; returns how many there are of that."""
    with layer.stack.lock:
        total: usize = 0
        total = list_ports(layer.tcp.ports, viewer, records, total)
        total = list_ports(layer.datagrams.udp, viewer, records, total)
        total = list_ports(layer.datagrams.ping, viewer, records, total)
        for bucket in layer.tcp.connections.buckets:
            entry = bucket.first
            while entry is not None:
                info = SocketInfo()
                entry.describe(info)
                total = keep(info, viewer, records, total)
                entry = entry.next_in_bucket
        return total


@never_inline
def list_ports(
    table: PortTable, viewer: Credentials, records: Span[SocketInfo], before: usize
) -> usize:
    """Adds the bound sockets of one protocol."""
    total = before
    for bucket in table.buckets:
        binding = bucket.first
        while binding is not None:
            info = SocketInfo()
            binding.describe(info)
            total = keep(info, viewer, records, total)
            binding = binding.next_of_port
    return total


@never_inline
def keep(info: SocketInfo, viewer: Credentials, records: Span[SocketInfo], before: usize) -> usize:
    """Counts a record that the viewer may see, and keeps it where there is room."""
    if info.principal != viewer.principal and not viewer.has(CAP_PROCESS_INSPECT):
        return before
    if before < len(records):
        copy_struct(records[before], info)
    return before + 1
