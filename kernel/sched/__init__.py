"""Threads, run queues, wait queues and mutexes.

It owns which thread a CPU runs and how threads wait. It must not know processes, files or system
calls.
"""
