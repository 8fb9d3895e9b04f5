"""Sockets: what a descriptor refers to, the tables by address and port, queues, waiting, options.

It must not know system calls, user memory beyond `IoBuffer`, or how packets find their way.
"""
