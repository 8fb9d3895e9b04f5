"""Interfaces and routes as `ioctl` on any socket shows and changes them.

Linux, include/uapi/linux/{sockios,if,route}.h. Changing needs CAP_CONSOLE and CAP_NET: EPERM.
"""

from bare import Array, array, i16, i32, struct, u8, u16, u32, u64

SIOCADDRT: u32 = 0x890B
SIOCDELRT: u32 = 0x890C
SIOCGIFNAME: u32 = 0x8910
SIOCGIFCONF: u32 = 0x8912
SIOCGIFFLAGS: u32 = 0x8913
SIOCSIFFLAGS: u32 = 0x8914
SIOCGIFADDR: u32 = 0x8915
SIOCSIFADDR: u32 = 0x8916
SIOCGIFBRDADDR: u32 = 0x8919
SIOCGIFNETMASK: u32 = 0x891B
SIOCSIFNETMASK: u32 = 0x891C
SIOCGIFMTU: u32 = 0x8921
SIOCGIFHWADDR: u32 = 0x8927
SIOCGIFINDEX: u32 = 0x8933

IFF_UP: u32 = 0x1
IFF_BROADCAST: u32 = 0x2
IFF_LOOPBACK: u32 = 0x8
IFF_RUNNING: u32 = 0x40
IFF_MULTICAST: u32 = 0x1000

ARPHRD_ETHER: u16 = 1
ARPHRD_LOOPBACK: u16 = 772

RTF_UP: u16 = 0x1
RTF_GATEWAY: u16 = 0x2
RTF_HOST: u16 = 0x4

INTERFACE_NAME_SIZE = 16


@struct(size=40)
class InterfaceRequest:
    """`struct ifreq`: an interface's name and one property of it.

    `value` holds, by request: a `SocketAddress` in the first 16 bytes (SIOC[GS]IFADDR, NETMASK,
    BRDADDR), flags in 2 bytes, index or MTU in 4 bytes, or family and 6 bytes (HWADDR).
    """

    name: Array[u8] = array(INTERFACE_NAME_SIZE)
    value: Array[u8] = array(24)


@struct(size=16)
class InterfaceList:
    """`struct ifconf`: room for `InterfaceRequest`s with addresses."""

    size_bytes: i32 = 0
    buffer: u64 = 0


@struct(size=120)
class RouteEntry:
    """`struct rtentry`: addresses are `SocketAddress`es as bytes."""

    padding: u64 = 0
    destination: Array[u8] = array(16)
    gateway: Array[u8] = array(16)
    mask: Array[u8] = array(16)
    flags: u16 = 0
    padding_2: i16 = 0
    padding_3: u64 = 0
    padding_4: u64 = 0
    metric: i16 = 0
    device: u64 = 0
    """Address of the interface's name, or 0."""
    mtu: u64 = 0
    window: u64 = 0
    initial_round_trip: u16 = 0
