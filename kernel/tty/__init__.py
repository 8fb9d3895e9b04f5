"""Terminals: the line discipline and the device file.

It must not know processes: groups and sessions are numbers, and `JobControl` acts on them.
"""
