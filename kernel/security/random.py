"""Random bytes: a generator that a seed from outside starts.

SHA-256 in counter mode over a secret key, which is replaced after every request, so that what was
given out cannot be computed from a later state. All unpredictability comes from what is mixed in:
the boot loader's `rng-seed` in the device tree (QEMU gives 32 bytes), and the times of events,
which add little under emulation. Without a seed `is_seeded` stays false and the bytes are only hard
to guess, not secret; nothing here pretends otherwise, and the log says so at boot.
"""

from __future__ import annotations

from bare import Array, Bytes, Span, array, inline, store_u64, struct, u8, u64
from bare.lib.sha256 import Sha256
from kernel.sync.spin_lock import SpinLock

KEY_SIZE: u64 = 32
SEED_LENGTH: u64 = 16
"""Bytes that make a seed one."""
PIECE: u64 = 256
"""Bytes made in one hold of the lock."""
REKEY: u64 = 0xFFFF_FFFF_FFFF_FFFF
"""The counter whose block becomes the next key."""


@struct
class RandomGenerator:
    """The machine's random bytes. Zeroed works; `mix` a seed in."""

    is_seeded: bool = False
    lock: SpinLock = inline()
    # Guarded by lock.
    key: Array[u8] = array(32)
    counter: u64 = 0
    hash: Sha256 = inline()
    block: Array[u8] = array(32)

    def mix(self, data: Bytes) -> None:
        """Stirs `data` into the key."""
        with self.lock:
            self.hash.start()
            self.hash.update(self.key)
            self.hash.update(data)
            self.hash.finish(self.key)
            if len(data) >= SEED_LENGTH:
                self.is_seeded = True

    def fill(self, into: Span[u8]) -> None:
        """Fills `into` with random bytes. Callable under most locks; does not block."""
        rest = into
        while len(rest) > 0:
            step = min(PIECE, len(rest))
            with self.lock:
                self._generate(rest[:step])
            rest = rest[step:]

    def _generate(self, into: Span[u8]) -> None:
        """Makes up to a piece of output, then a new key. Lock held."""
        rest = into
        while len(rest) > 0:
            self._make_block(self.counter)
            self.counter += 1
            step = min(KEY_SIZE, len(rest))
            rest[:step].copy_from(self.block[:step])
            rest = rest[step:]
        self._make_block(REKEY)
        self.key.copy_from(self.block)

    def _make_block(self, counter: u64) -> None:
        number: Array[u8] = array(8)
        store_u64(number, 0, counter)
        self.hash.start()
        self.hash.update(self.key)
        self.hash.update(number)
        self.hash.finish(self.block)
