"""The tokenizer of a GGUF file, rewritten as a llama2.c `tokenizer.bin`.

That format, and the tokenizer that reads it, have one order: unknown, begin, end, the 256 bytes,
then text. Files made from SentencePiece models have it too. What cannot be said in that way is
refused: tokens that are found before all others are merged, other ids of begin and end, a prompt
without BOS or without the space in front.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import (
    Bytes,
    Span,
    allocate_span,
    i32,
    load_i32,
    load_u32,
    raises,
    store_i32,
    store_u32,
    struct,
    text,
    u8,
    u32,
    usize,
)
from bare.lib.allocator import Allocator
from user.lib.llm.fault import Fault
from user.lib.llm.gguf.cursor import Cursor
from user.lib.llm.gguf.metadata import NAMES, Key, Metadata
from user.lib.llm.gguf.value import FLOAT32, INT32, STRING
from user.lib.llm.tokenizer import (
    BOS,
    EOS,
    FILE_HEADER_BYTES,
    FIRST_BYTE_PIECE,
    FIRST_TEXT_PIECE,
    RECORD_HEADER_BYTES,
    SPACE,
)

MODEL = b"llama"
UNKNOWN: usize = 0
WORD_BYTES: usize = 4
SPACE_MARK = b"\xe2\x96\x81"
"""U+2581, which stands for a space in SentencePiece's pieces."""
BYTE_NAME = b"<0x00>"
DIGITS = b"0123456789ABCDEF"

NORMAL: i32 = 1
UNKNOWN_TYPE: i32 = 2
CONTROL: i32 = 3
USER_DEFINED: i32 = 4
UNUSED: i32 = 5
BYTE: i32 = 6


@struct
class Vocabulary:
    """The parts of the tokenizer where they lie in the file."""

    metadata: Metadata
    count: usize
    tokens: Bytes = b""
    """Strings, one behind the other, each behind its length."""
    scores: Bytes = b""
    types: Bytes = b""

    def check(self) -> None:
        """Sees that the parts are there and say what our tokenizer does."""
        metadata = self.metadata
        model = metadata.string(Key.TOKENIZER, b"")
        if model != MODEL:
            metadata.note(Fault.GGUF_UNSUPPORTED, f'the tokenizer is "{text(model)}", not "llama"')
        self.tokens = metadata.elements(Key.TOKENS, STRING, "strings")
        self.scores = metadata.elements(Key.SCORES, FLOAT32, "FLOAT32")
        if metadata.has(Key.TOKEN_TYPES):
            self.types = metadata.elements(Key.TOKEN_TYPES, INT32, "INT32")
            self.expect_count(Key.TOKEN_TYPES)
        self.expect_count(Key.SCORES)
        self.expect_id(Key.UNKNOWN, UNKNOWN)
        self.expect_id(Key.BOS, BOS)
        self.expect_id(Key.EOS, EOS)
        metadata.flag_must_be(Key.ADD_SPACE, True)
        metadata.flag_must_be(Key.ADD_BOS, True)
        metadata.flag_must_be(Key.ADD_EOS, False)
        if self.count < FIRST_TEXT_PIECE:
            metadata.note(Fault.GGUF_UNSUPPORTED, f"{self.count} tokens, fewer than the bytes need")

    def expect_count(self, key: Key) -> None:
        """Notes a fault where an array has not one element for each token."""
        count = self.metadata.value(key).count
        if count != self.count:
            self.metadata.note(
                Fault.GGUF_MALFORMED, f"{NAMES[u8(key)]} has {count} elements, not {self.count}"
            )

    def expect_id(self, key: Key, wanted: usize) -> None:
        """Notes a fault where a special token has another id than it always has here."""
        found = self.metadata.number(key, wanted)
        if found != wanted:
            self.metadata.note(
                Fault.GGUF_UNSUPPORTED, f"{NAMES[u8(key)]} is {found}; only {wanted} is done"
            )

    @raises(ENOMEM)
    def convert(self, allocator: Allocator) -> Bytes:
        """Returns the same as a tokenizer file; faults are noted in the metadata."""
        # A length takes eight bytes in one format and, with a score, in the other; no text grows.
        file = allocate_span(allocator, u8, FILE_HEADER_BYTES + len(self.tokens))
        cursor = Cursor(self.tokens)
        end = FILE_HEADER_BYTES
        longest: usize = 0
        for token in range(self.count):
            piece = cursor.take_string()
            self.check_type(token, piece)
            if token >= FIRST_TEXT_PIECE and self.is_silent(token):
                piece = b""
            size = write_text(file[end + RECORD_HEADER_BYTES :], piece)
            store_u32(file, end, load_u32(self.scores, WORD_BYTES * token))
            store_i32(file, end + WORD_BYTES, i32(size))
            end += RECORD_HEADER_BYTES + size
            longest = max(longest, size)
        store_u32(file, 0, u32(longest))
        return file[:end]

    def check_type(self, token: usize, piece: Bytes) -> None:
        """Notes a fault where a token is not of the kind that its place asks for."""
        kind = self.type_of(token)
        is_byte = FIRST_BYTE_PIECE <= token < FIRST_TEXT_PIECE
        if is_byte:
            if kind not in (BYTE, NORMAL) or not is_name_of(piece, token - FIRST_BYTE_PIECE):
                self.metadata.note(
                    Fault.GGUF_UNSUPPORTED,
                    f"token {token} is not the byte {token - FIRST_BYTE_PIECE} but {text(piece)}",
                )
        elif kind in (USER_DEFINED, BYTE) or not NORMAL <= kind <= BYTE:
            self.metadata.note(
                Fault.GGUF_UNSUPPORTED, f"token {token} ({text(piece)}) has type {kind}"
            )

    def is_silent(self, token: usize) -> bool:
        """Whether a token stands for no text, neither read nor written."""
        return self.type_of(token) in (UNKNOWN_TYPE, CONTROL, UNUSED)

    def type_of(self, token: usize) -> i32:
        """Returns a token's type."""
        if len(self.types) == 0:
            return NORMAL
        return load_i32(self.types, WORD_BYTES * token)


def is_name_of(piece: Bytes, byte: usize) -> bool:
    """Whether a piece is the name of a byte, such as `<0x0A>`."""
    return (
        len(piece) == len(BYTE_NAME)
        and piece[:3] == BYTE_NAME[:3]
        and piece[3] == DIGITS[byte >> 4]
        and piece[4] == DIGITS[byte & 15]
        and piece[5:] == BYTE_NAME[5:]
    )


def write_text(into: Span[u8], piece: Bytes) -> usize:
    """Writes a piece with its spaces; returns how many bytes it then has."""
    size: usize = 0
    offset: usize = 0
    while offset < len(piece):
        is_mark = len(piece) - offset >= 3 and piece[offset : offset + 3] == SPACE_MARK
        into[size] = SPACE if is_mark else piece[offset]
        offset += 3 if is_mark else 1
        size += 1
    return size
