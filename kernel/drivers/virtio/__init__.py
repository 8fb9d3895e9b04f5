"""virtio devices: the memory-mapped transport, the split queue, and one file a device.

What a device writes is never trusted: indices and lengths are checked, and a device that breaks the
rules is reset and given up.
"""
