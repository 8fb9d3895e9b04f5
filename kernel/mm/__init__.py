"""Memory: frames, the kernel heap, address spaces, user copies. Knows no process and no file."""
