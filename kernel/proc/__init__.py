"""Processes: making them, loading programs into them, signals, ending and waiting.

It must not know system call numbers or registers of arguments; `kernel/syscall` translates.
"""
