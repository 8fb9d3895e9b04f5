"""The network: wire formats, TCP, interfaces and sockets (docs/decisions/network-stack.md)."""
