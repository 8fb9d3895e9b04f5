"""Bitmap is a set of small numbers."""

from __future__ import annotations

from bare import Array, array, u64
from bare.lib.bitmap import Bitmap


def main() -> None:
    """Adds, finds and removes."""
    words: Array[u64] = array(3)
    found = Bitmap(words)
    print(found.capacity(), found.count(), found.first_from(0), found.first_missing_from(0))
    for number in range(u64(0), u64(192), 5):
        found.add(number)
    print(found.count(), found.has(60), found.has(61), found.first_from(61))
    found.remove(65)
    print(found.first_from(61), found.count())
    for number in range(u64(64)):
        found.add(number)
    print(found.first_missing_from(0), found.first_missing_from(70), found.first_from(191))
    words[2] = 0xFFFF_FFFF_FFFF_FFFF
    print(found.first_missing_from(128), found.count())
