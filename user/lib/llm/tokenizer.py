"""The pieces of a llama2.c `tokenizer.bin`, and the text of a token.

The file: `u32` longest piece, then for each id an `f32` score, an `i32` length and that many bytes.
Ids 0, 1, 2 are unknown, begin and end of a text; 3 to 258 stand for single bytes. The file is used
in place and must stay mapped.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import (
    Bytes,
    Span,
    allocate_span,
    f32,
    f32_from_bits,
    load_i32,
    load_u32,
    raises,
    struct,
    u32,
    usize,
    wrapping_mul,
)
from bare.lib.allocator import Allocator
from user.lib.llm.fault import Fault

BOS: usize = 1
EOS: usize = 2
FIRST_BYTE_PIECE: usize = 3
FIRST_TEXT_PIECE: usize = 259
SPACE = 0x20
EXPONENT: u32 = 0x7F80_0000
"""All ones where an f32 is infinite or not a number."""
FILE_HEADER_BYTES: usize = 4
RECORD_HEADER_BYTES: usize = 8
LARGEST_FILE: usize = 1 << 31
EVERY_BYTE: bytes = bytes(range(256))
HASH_START: u32 = 0x811C_9DC5
HASH_FACTOR: u32 = 0x0100_0193
"""FNV-1a, 32 bits."""


@struct
class Tokenizer:
    """A mapped file, where each piece is in it, and a hash table from text to id."""

    file: Bytes
    records: Span[u32]
    """[vocab]: the offset of each piece's record."""
    slots: Span[u32]
    """A power of two, at least twice the vocabulary: id + 1, or 0 where free; open addressing."""

    @raises(ENOMEM)
    def open(self, allocator: Allocator, file: Bytes, vocab: usize) -> Fault:
        """Checks a file of `vocab` pieces and builds the table."""
        if vocab < FIRST_TEXT_PIECE:
            return Fault.TOO_FEW_PIECES
        slot_count: usize = 1
        while slot_count < 2 * vocab:
            slot_count *= 2
        self.file = file
        self.records = allocate_span(allocator, u32, vocab)
        self.slots = allocate_span(allocator, u32, slot_count)
        fault = self.find_records()
        if fault == Fault.NONE:
            for piece in range(FIRST_TEXT_PIECE, vocab):
                self.insert(piece)
        return fault

    def find_records(self) -> Fault:
        """Walks the file once, filling `records`."""
        file = self.file
        if len(file) > LARGEST_FILE:
            return Fault.TOKENIZER_TOO_LONG
        offset = FILE_HEADER_BYTES
        for piece in range(len(self.records)):
            if len(file) < offset + RECORD_HEADER_BYTES:
                return Fault.TOKENIZER_TRUNCATED
            length = load_i32(file, offset + 4)
            if length < 0:
                return Fault.TOKENIZER_LENGTH
            if load_u32(file, offset) & EXPONENT == EXPONENT:
                return Fault.TOKENIZER_SCORE
            self.records[piece] = u32(offset)
            offset += RECORD_HEADER_BYTES + usize(length)
            if len(file) < offset:
                return Fault.TOKENIZER_TRUNCATED
        if offset != len(file):
            return Fault.TOKENIZER_TOO_LONG
        return Fault.NONE

    def piece(self, token: usize) -> Bytes:
        """Returns the bytes of a piece as the file has them."""
        start = usize(self.records[token])
        length = usize(load_i32(self.file, start + 4))
        return self.file[start + RECORD_HEADER_BYTES : start + RECORD_HEADER_BYTES + length]

    def score(self, token: usize) -> f32:
        """Returns the rank of a piece: a higher one is merged first."""
        return f32_from_bits(load_u32(self.file, usize(self.records[token])))

    def find(self, piece: Bytes) -> u32 | None:
        """Returns the id of a text piece."""
        slot = self.first_slot(piece)
        while self.slots[slot] != 0:
            token = self.slots[slot] - 1
            if self.piece(token) == piece:
                return token
            slot = (slot + 1) % len(self.slots)
        return None

    def insert(self, token: usize) -> None:
        """Adds a piece to the table; of two with the same bytes the first is kept."""
        slot = self.first_slot(self.piece(token))
        while self.slots[slot] != 0:
            if self.piece(self.slots[slot] - 1) == self.piece(token):
                return
            slot = (slot + 1) % len(self.slots)
        self.slots[slot] = u32(token + 1)

    def first_slot(self, piece: Bytes) -> usize:
        """Returns where the search for a piece begins."""
        value = HASH_START
        for byte in piece:
            value = wrapping_mul(value ^ byte, HASH_FACTOR)
        return value % len(self.slots)

    def text_of(self, token: usize, previous: usize) -> Bytes:
        """Returns what a token adds to the text after token `previous`: its piece, or its byte.

        A text begins with a space that was added to it, so one is dropped after BOS.
        """
        if FIRST_BYTE_PIECE <= token < FIRST_TEXT_PIECE:
            byte = token - FIRST_BYTE_PIECE
            return EVERY_BYTE[byte : byte + 1]
        piece = self.piece(token)
        if previous == BOS and len(piece) > 0 and piece[0] == SPACE:
            return piece[1:]
        return piece
