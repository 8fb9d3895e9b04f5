"""Sockets as they cross the border: addresses, options, messages.

Linux AArch64: include/uapi/asm-generic/socket.h, include/uapi/linux/{in,in6,un,net,socket,tcp}.h.
Addresses and ports are kept as plain numbers here: the fields turn them to network order.
"""

from bare import Array, array, big_endian, i32, struct, u8, u16, u32, u64, usize

# Address families.
AF_UNSPEC: u16 = 0
AF_UNIX: u16 = 1
AF_INET: u16 = 2
AF_INET6: u16 = 10

# Types of socket, and what may be added to them.
SOCK_STREAM: u32 = 1
SOCK_DGRAM: u32 = 2
SOCK_RAW: u32 = 3
SOCK_SEQPACKET: u32 = 5
SOCK_TYPE_MASK: u32 = 0xF
SOCK_NONBLOCK: u32 = 0x800
SOCK_CLOEXEC: u32 = 0x8_0000

# Protocols, and the levels of options that belong to them.
IPPROTO_IP: u32 = 0
IPPROTO_ICMP: u32 = 1
IPPROTO_TCP: u32 = 6
IPPROTO_UDP: u32 = 17
SOL_SOCKET: u32 = 1

INADDR_ANY: u32 = 0
INADDR_LOOPBACK: u32 = 0x7F00_0001
INADDR_BROADCAST: u32 = 0xFFFF_FFFF

SOMAXCONN: u32 = 4096

# Options of level SOL_SOCKET.
SO_DEBUG: u32 = 1
SO_REUSEADDR: u32 = 2
SO_TYPE: u32 = 3
SO_ERROR: u32 = 4
SO_DONTROUTE: u32 = 5
SO_BROADCAST: u32 = 6
SO_SNDBUF: u32 = 7
SO_RCVBUF: u32 = 8
SO_KEEPALIVE: u32 = 9
SO_OOBINLINE: u32 = 10
SO_PRIORITY: u32 = 12
SO_LINGER: u32 = 13
SO_REUSEPORT: u32 = 15
SO_RCVLOWAT: u32 = 18
SO_SNDLOWAT: u32 = 19
SO_RCVTIMEO: u32 = 20
SO_SNDTIMEO: u32 = 21
SO_BINDTODEVICE: u32 = 25
SO_TIMESTAMP: u32 = 29
SO_ACCEPTCONN: u32 = 30
SO_PROTOCOL: u32 = 38
SO_DOMAIN: u32 = 39

# Options of level IPPROTO_IP.
IP_TOS: u32 = 1
IP_TTL: u32 = 2
IP_PKTINFO: u32 = 8
IP_MTU_DISCOVER: u32 = 10
IP_RECVERR: u32 = 11
IP_MTU: u32 = 14
IP_BIND_ADDRESS_NO_PORT: u32 = 24

# Options of level IPPROTO_TCP.
TCP_NODELAY: u32 = 1
TCP_MAXSEG: u32 = 2
TCP_CORK: u32 = 3
TCP_KEEPIDLE: u32 = 4
TCP_KEEPINTVL: u32 = 5
TCP_KEEPCNT: u32 = 6
TCP_SYNCNT: u32 = 7
TCP_LINGER2: u32 = 8
TCP_DEFER_ACCEPT: u32 = 9
TCP_WINDOW_CLAMP: u32 = 10
TCP_INFO: u32 = 11
TCP_QUICKACK: u32 = 12
TCP_CONGESTION: u32 = 13
TCP_USER_TIMEOUT: u32 = 18
TCP_FASTOPEN: u32 = 23

# Flags of one transfer.
MSG_OOB: u32 = 0x1
MSG_PEEK: u32 = 0x2
MSG_DONTROUTE: u32 = 0x4
MSG_CTRUNC: u32 = 0x8
MSG_TRUNC: u32 = 0x20
MSG_DONTWAIT: u32 = 0x40
MSG_EOR: u32 = 0x80
MSG_WAITALL: u32 = 0x100
MSG_CONFIRM: u32 = 0x800
MSG_ERRQUEUE: u32 = 0x2000
MSG_NOSIGNAL: u32 = 0x4000
MSG_MORE: u32 = 0x8000
MSG_WAITFORONE: u32 = 0x1_0000
MSG_CMSG_CLOEXEC: u32 = 0x4000_0000

# How to `shutdown`.
SHUT_RD: i32 = 0
SHUT_WR: i32 = 1
SHUT_RDWR: i32 = 2

UNIX_PATH_SIZE = 108


@struct(size=16)
class SocketAddress:
    """`struct sockaddr_in`: an IPv4 address and a port."""

    family: u16 = AF_INET
    port: u16 = big_endian(default=0)
    address: u32 = big_endian(default=0)
    zero: Array[u8] = array(8)


@struct(size=28)
class SocketAddress6:
    """`struct sockaddr_in6`."""

    family: u16 = AF_INET6
    port: u16 = big_endian(default=0)
    flow: u32 = big_endian(default=0)
    address: Array[u8] = array(16)
    scope: u32 = 0


@struct(size=110)
class SocketAddressUnix:
    """`struct sockaddr_un`: a path, or with a leading NUL an abstract name."""

    family: u16 = AF_UNIX
    path: Array[u8] = array(UNIX_PATH_SIZE)


@struct(size=8)
class SocketPair:
    """The two descriptors that `socketpair` makes."""

    first: i32 = 0
    second: i32 = 0


@struct(size=8)
class Linger:
    """`struct linger`, the value of SO_LINGER."""

    is_on: i32 = 0
    seconds: i32 = 0


@struct(size=56)
class MessageHeader:
    """`struct msghdr`: where `sendmsg` and `recvmsg` find address, buffers and control data."""

    name: u64 = 0
    name_size: u32 = 0
    vectors: u64 = 0
    vector_count: usize = 0
    control: u64 = 0
    control_size: usize = 0
    flags: u32 = 0


@struct(size=64)
class MessageVector:
    """`struct mmsghdr`: one message of `sendmmsg` and `recvmmsg`."""

    name: u64 = 0
    name_size: u32 = 0
    vectors: u64 = 0
    vector_count: usize = 0
    control: u64 = 0
    control_size: usize = 0
    flags: u32 = 0
    padding: u32 = 0
    length: u32 = 0
    """Bytes that were moved."""


@struct(size=16)
class ControlHeader:
    """`struct cmsghdr`: the head of one piece of control data."""

    length: usize = 0
    level: u32 = 0
    kind: u32 = 0


@struct(size=12)
class PacketInfo:
    """`struct in_pktinfo`, the control data of IP_PKTINFO."""

    interface: i32 = 0
    local: u32 = big_endian(default=0)
    destination: u32 = big_endian(default=0)


@struct(size=104)
class TcpInfo:
    """`struct tcp_info` as far as the first Linux that had it; times in microseconds where Linux
    says so, else milliseconds.
    """

    state: u8 = 0
    congestion_state: u8 = 0
    retransmits: u8 = 0
    probes: u8 = 0
    backoff: u8 = 0
    options: u8 = 0
    """1: timestamps, 2: SACK, 4: window scaling."""
    window_scales: u8 = 0
    """Ours for what we send to in the low half, theirs in the high half."""
    limits: u8 = 0
    retransmit_timeout_us: u32 = 0
    ack_timeout_us: u32 = 0
    send_mss: u32 = 0
    receive_mss: u32 = 0
    unacknowledged: u32 = 0
    """Segments in flight."""
    sacked: u32 = 0
    lost: u32 = 0
    retransmitted: u32 = 0
    forward_acknowledged: u32 = 0
    last_data_sent_ms: u32 = 0
    last_ack_sent_ms: u32 = 0
    last_data_received_ms: u32 = 0
    last_ack_received_ms: u32 = 0
    path_mtu: u32 = 0
    receive_threshold: u32 = 0
    round_trip_us: u32 = 0
    round_trip_variance_us: u32 = 0
    slow_start_threshold: u32 = 0
    congestion_window: u32 = 0
    """In segments."""
    advertised_mss: u32 = 0
    reordering: u32 = 0
    receive_round_trip_us: u32 = 0
    receive_space: u32 = 0
    total_retransmits: u32 = 0


# States in TcpInfo and SocketInfo. Linux, include/net/tcp_states.h.
TCP_ESTABLISHED: u8 = 1
TCP_SYN_SENT: u8 = 2
TCP_SYN_RECV: u8 = 3
TCP_FIN_WAIT1: u8 = 4
TCP_FIN_WAIT2: u8 = 5
TCP_TIME_WAIT: u8 = 6
TCP_CLOSE: u8 = 7
TCP_CLOSE_WAIT: u8 = 8
TCP_LAST_ACK: u8 = 9
TCP_LISTEN: u8 = 10
TCP_CLOSING: u8 = 11


@struct(size=48)
class SocketInfo:
    """One record of `sockstat`: a socket, or a connection that no program holds any more."""

    family: u16 = AF_INET
    protocol: u8 = 0
    """IPPROTO_TCP, IPPROTO_UDP or IPPROTO_ICMP."""
    state: u8 = 0
    """TCP_*; of other protocols TCP_ESTABLISHED when connected, else TCP_CLOSE."""
    local_port: u16 = 0
    remote_port: u16 = 0
    local_address: u32 = 0
    remote_address: u32 = 0
    receive_queue: u32 = 0
    """Bytes that wait for the program; of a listener connections that wait."""
    send_queue: u32 = 0
    """Bytes that are not acknowledged; of a listener the backlog."""
    owner: i32 = 0
    """The process that made it; 0: no program holds it."""
    principal: u32 = 0
    memory: u32 = 0
    """Bytes of kernel memory that its queues hold."""
    retransmits: u32 = 0
    reserved: Array[u32] = array(2)
