"""SHA-256 (FIPS 180-4).

How to use it: `sha256(data, digest)` for bytes at hand; for data in pieces make a `Sha256`, call
`start`, `update` as often as needed, `finish`.
"""

from __future__ import annotations

from bare import (
    Array,
    Bytes,
    Span,
    array,
    invert,
    load_u32_be,
    rotate_right,
    store_u32_be,
    store_u64_be,
    struct,
    u8,
    u32,
    u64,
    usize,
    wrapping_add,
)

DIGEST_SIZE: usize = 32
BLOCK_SIZE: usize = 64
LENGTH_OFFSET: usize = 56
"""Where the length in bits stands in the last block."""

# fmt: off
INITIAL: tuple[u32, ...] = (
    0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A,
    0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19,
)
"""FIPS 180-4, 5.3.3."""

ROUND: tuple[u32, ...] = (
    0x428A_2F98, 0x7137_4491, 0xB5C0_FBCF, 0xE9B5_DBA5,
    0x3956_C25B, 0x59F1_11F1, 0x923F_82A4, 0xAB1C_5ED5,
    0xD807_AA98, 0x1283_5B01, 0x2431_85BE, 0x550C_7DC3,
    0x72BE_5D74, 0x80DE_B1FE, 0x9BDC_06A7, 0xC19B_F174,
    0xE49B_69C1, 0xEFBE_4786, 0x0FC1_9DC6, 0x240C_A1CC,
    0x2DE9_2C6F, 0x4A74_84AA, 0x5CB0_A9DC, 0x76F9_88DA,
    0x983E_5152, 0xA831_C66D, 0xB003_27C8, 0xBF59_7FC7,
    0xC6E0_0BF3, 0xD5A7_9147, 0x06CA_6351, 0x1429_2967,
    0x27B7_0A85, 0x2E1B_2138, 0x4D2C_6DFC, 0x5338_0D13,
    0x650A_7354, 0x766A_0ABB, 0x81C2_C92E, 0x9272_2C85,
    0xA2BF_E8A1, 0xA81A_664B, 0xC24B_8B70, 0xC76C_51A3,
    0xD192_E819, 0xD699_0624, 0xF40E_3585, 0x106A_A070,
    0x19A4_C116, 0x1E37_6C08, 0x2748_774C, 0x34B0_BCB5,
    0x391C_0CB3, 0x4ED8_AA4A, 0x5B9C_CA4F, 0x682E_6FF3,
    0x748F_82EE, 0x78A5_636F, 0x84C8_7814, 0x8CC7_0208,
    0x90BE_FFFA, 0xA450_6CEB, 0xBEF9_A3F7, 0xC671_78F2,
)
"""FIPS 180-4, 4.2.2."""
# fmt: on


@struct
class Sha256:
    """A running digest."""

    state: Array[u32] = array(8)
    schedule: Array[u32] = array(64)
    block: Array[u8] = array(64)
    used: usize = 0
    length: u64 = 0

    def start(self) -> None:
        """Forgets everything; must come first."""
        for index, word in enumerate(INITIAL):
            self.state[index] = word
        self.used = 0
        self.length = 0

    def update(self, data: Bytes) -> None:
        """Adds `data`."""
        self.length += len(data)
        rest = self._fill(data)
        while len(rest) >= BLOCK_SIZE:
            self._compress(rest[:BLOCK_SIZE])
            rest = rest[BLOCK_SIZE:]
        if len(rest) > 0:
            self.block[: len(rest)].copy_from(rest)
            self.used = len(rest)

    def _fill(self, data: Bytes) -> Bytes:
        """Completes a block that was begun; returns what is left of `data`."""
        if self.used == 0:
            return data
        taken = min(BLOCK_SIZE - self.used, len(data))
        self.block[self.used : self.used + taken].copy_from(data[:taken])
        self.used += taken
        if self.used == BLOCK_SIZE:
            self._compress(self.block)
            self.used = 0
        return data[taken:]

    def finish(self, digest: Span[u8]) -> None:
        """Writes the 32 bytes of the digest; `start` makes the object usable again."""
        self.block[self.used] = 0x80
        self.block[self.used + 1 :].fill(0)
        if self.used >= LENGTH_OFFSET:
            self._compress(self.block)
            self.block[:].fill(0)
        store_u64_be(self.block, LENGTH_OFFSET, self.length * 8)
        self._compress(self.block)
        for index, word in enumerate(self.state):
            store_u32_be(digest, 4 * index, word)

    def _compress(self, block: Bytes) -> None:
        """Mixes one block into the state. FIPS 180-4, 6.2.2."""
        self._expand(block)
        state = self.state
        a, b, c, d = state[0], state[1], state[2], state[3]
        e, f, g, h = state[4], state[5], state[6], state[7]
        for round_key, word in zip(ROUND, self.schedule, strict=True):
            choice = e & f ^ invert(e) & g
            majority = a & b ^ a & c ^ b & c
            first = wrapping_add(wrapping_add(h, _big_sigma_1(e)), choice)
            first = wrapping_add(wrapping_add(first, round_key), word)
            second = wrapping_add(_big_sigma_0(a), majority)
            h, g, f, e = g, f, e, wrapping_add(d, first)
            d, c, b, a = c, b, a, wrapping_add(first, second)
        self._add(0, a, b, c, d)
        self._add(4, e, f, g, h)

    def _add(self, place: usize, first: u32, second: u32, third: u32, fourth: u32) -> None:
        self.state[place] = wrapping_add(self.state[place], first)
        self.state[place + 1] = wrapping_add(self.state[place + 1], second)
        self.state[place + 2] = wrapping_add(self.state[place + 2], third)
        self.state[place + 3] = wrapping_add(self.state[place + 3], fourth)

    def _expand(self, block: Bytes) -> None:
        """Makes the 64 words of the message schedule."""
        schedule = self.schedule
        for index in range(16):
            schedule[index] = load_u32_be(block, 4 * index)
        for index in range(16, 64):
            recent = wrapping_add(_small_sigma_1(schedule[index - 2]), schedule[index - 7])
            old = wrapping_add(_small_sigma_0(schedule[index - 15]), schedule[index - 16])
            schedule[index] = wrapping_add(recent, old)


def sha256(data: Bytes, digest: Span[u8]) -> None:
    """Writes the digest of `data`."""
    state = Sha256()
    state.start()
    state.update(data)
    state.finish(digest)


def _big_sigma_0(x: u32) -> u32:
    return rotate_right(x, 2) ^ rotate_right(x, 13) ^ rotate_right(x, 22)


def _big_sigma_1(x: u32) -> u32:
    return rotate_right(x, 6) ^ rotate_right(x, 11) ^ rotate_right(x, 25)


def _small_sigma_0(x: u32) -> u32:
    return rotate_right(x, 7) ^ rotate_right(x, 18) ^ x >> 3


def _small_sigma_1(x: u32) -> u32:
    return rotate_right(x, 17) ^ rotate_right(x, 19) ^ x >> 10
