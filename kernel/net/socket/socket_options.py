"""`SocketOptions`: what a program has chosen for a socket of any kind: level SOL_SOCKET."""

from __future__ import annotations

from bare import i32, struct, u8, u32, u64


@struct
class SocketOptions:
    """Embed it in a socket. Guarded by the stack's lock where interrupts look."""

    error: i32 = 0
    """What SO_ERROR will tell: an errno."""
    can_reuse_address: bool = False
    can_reuse_port: bool = False
    may_broadcast: bool = False
    is_keepalive: bool = False
    wants_packet_info: bool = False
    traffic_class: u8 = 0
    time_to_live: u8 = 0
    """IP_TTL; 0: the usual one."""
    is_linger: bool = False
    linger_s: u32 = 0
    interface: u32 = 0
    """Index of the interface of SO_BINDTODEVICE; 0: any."""
    priority: u32 = 0
    receive_limit: u32 = 0
    """Bytes of SO_RCVBUF; 0: not set."""
    send_limit: u32 = 0
    receive_timeout_ns: u64 = 0
    """SO_RCVTIMEO; 0: none."""
    send_timeout_ns: u64 = 0
