"""The network's user side: addresses, names (DNS), configuration (DHCP, interfaces), echo requests.

Owns: what programs need above sockets. Messages and their state machines are sans-IO: bytes, random
numbers and the time are handed in, so that they run the same on the host. `resolver`,
`interface`, `dhcp_service` and `pinging` alone know system calls.
"""
