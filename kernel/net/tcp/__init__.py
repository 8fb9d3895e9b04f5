"""TCP by RFC 9293, sans-IO: sequence numbers in, decisions out.

It owns what a connection knows: states, windows, timers, ranges that came out of order, congestion
control, half-open connections, TIME-WAIT records, initial sequence numbers and port choice. It must
not know devices, clocks, allocators, locks, sockets or a single byte of payload: time is passed in,
and the socket layer holds the bytes.
"""
