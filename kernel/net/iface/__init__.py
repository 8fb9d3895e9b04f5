"""Interfaces, ARP, IPv4 in and out, ICMP, routes. Knows devices, packets, and the time it is given.

Nothing here takes a lock, waits, or knows a socket: transports are receivers that are handed in.
"""
