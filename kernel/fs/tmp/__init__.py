"""tmpfs: a file system in memory. Pages come from the frame allocator, everything else from the
heap.
"""
