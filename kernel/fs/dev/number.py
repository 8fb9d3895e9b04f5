"""Device numbers. Linux, include/linux/kdev_t.h, `new_encode_dev`."""

from __future__ import annotations

from bare import u32, u64


def device_number(major: u32, minor: u32) -> u64:
    """Returns `st_rdev` of a device; `major` and `minor` are below 4096 and 256."""
    return u64(major) << 8 | minor
