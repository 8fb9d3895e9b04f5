"""The metadata of a GGUF file: the keys that matter to a model of the Llama family.

How to use it: `read` all pairs, then ask for values by key. What is missing, or not of the type
that it must be, is noted as the `fault` (the first one stays), and a harmless value is returned, so
that a row of questions needs one check behind it. Keys that are not listed here are for others.
"""

from __future__ import annotations

from bare import (
    Array,
    Bytes,
    Enum8,
    FormatStr,
    array,
    encode,
    f32,
    struct,
    text,
    u8,
    u32,
    u64,
    usize,
)
from user.lib.llm.detail import Detail
from user.lib.llm.fault import Fault
from user.lib.llm.gguf.cursor import Cursor
from user.lib.llm.gguf.value import ARRAY, STRING, Value

KEY_COUNT = 30


class Key(Enum8):
    """A key that is read; its number is its place in NAMES."""

    ARCHITECTURE = 0
    ALIGNMENT = 1
    CONTEXT = 2
    DIM = 3
    LAYERS = 4
    HIDDEN = 5
    HEADS = 6
    KV_HEADS = 7
    KEY_SIZE = 8
    VALUE_SIZE = 9
    NORM_EPSILON = 10
    ROPE_SIZE = 11
    ROPE_BASE = 12
    ROPE_SCALING = 13
    ROPE_FACTOR = 14
    ROPE_OLD_FACTOR = 15
    EXPERTS = 16
    VOCAB = 17
    TOKENIZER = 18
    TOKENS = 19
    SCORES = 20
    TOKEN_TYPES = 21
    BOS = 22
    EOS = 23
    UNKNOWN = 24
    ADD_SPACE = 25
    ADD_BOS = 26
    ADD_EOS = 27
    SPLIT_COUNT = 28
    LOGIT_SCALE = 29


NAMES: tuple[str, ...] = (
    "general.architecture",
    "general.alignment",
    "llama.context_length",
    "llama.embedding_length",
    "llama.block_count",
    "llama.feed_forward_length",
    "llama.attention.head_count",
    "llama.attention.head_count_kv",
    "llama.attention.key_length",
    "llama.attention.value_length",
    "llama.attention.layer_norm_rms_epsilon",
    "llama.rope.dimension_count",
    "llama.rope.freq_base",
    "llama.rope.scaling.type",
    "llama.rope.scaling.factor",
    "llama.rope.scale_linear",
    "llama.expert_count",
    "llama.vocab_size",
    "tokenizer.ggml.model",
    "tokenizer.ggml.tokens",
    "tokenizer.ggml.scores",
    "tokenizer.ggml.token_type",
    "tokenizer.ggml.bos_token_id",
    "tokenizer.ggml.eos_token_id",
    "tokenizer.ggml.unknown_token_id",
    "tokenizer.ggml.add_space_prefix",
    "tokenizer.ggml.add_bos_token",
    "tokenizer.ggml.add_eos_token",
    "split.count",
    "llama.logit_scale",
)


@struct
class Metadata:
    """The values of the known keys."""

    detail: Detail
    values: Array[Value] = array(KEY_COUNT)
    fault: Fault = Fault.NONE

    def read(self, cursor: Cursor, count: u64) -> None:
        """Reads `count` pairs of key and value."""
        unknown = Value()
        index: u64 = 0
        while index < count and self.fault == Fault.NONE:
            name = cursor.take_string()
            value = unknown
            place = place_of(name)
            if place < KEY_COUNT:
                value = self.values[place]
                if value.is_present:
                    self.note(Fault.GGUF_MALFORMED, f"{text(name)} is there twice")
            if not value.take(cursor):
                self.note(Fault.GGUF_MALFORMED, f"{text(name)} has a type that is none")
            if not cursor.is_sound:
                self.note(Fault.GGUF_TRUNCATED, f"it ends within the metadata, at pair {index}")
            index += 1

    def note(self, fault: Fault, message: FormatStr) -> None:
        """Keeps a fault, unless there is one already."""
        if self.fault == Fault.NONE:
            self.fault = self.detail.say(fault, message)

    def value(self, key: Key) -> Value:
        """Returns what belongs to a key; it may be absent."""
        return self.values[u8(key)]

    def has(self, key: Key) -> bool:
        """Whether the file has the key."""
        return self.value(key).is_present

    def need(self, key: Key) -> None:
        """Notes a fault where a key is missing."""
        if not self.has(key):
            self.note(Fault.GGUF_MALFORMED, f"{NAMES[u8(key)]} is missing")

    def number(self, key: Key, unless_given: u64) -> u64:
        """Returns a whole number that is not negative."""
        if not self.has(key):
            return unless_given
        found = self.value(key).unsigned()
        if found is None:
            self.note(Fault.GGUF_MALFORMED, f"{NAMES[u8(key)]} is no whole number")
            return unless_given
        return found

    def real(self, key: Key, unless_given: f32) -> f32:
        """Returns a finite floating-point number."""
        if not self.has(key):
            return unless_given
        found = self.value(key).real()
        if found is None:
            self.note(Fault.GGUF_MALFORMED, f"{NAMES[u8(key)]} is no finite number")
            return unless_given
        return found

    def string(self, key: Key, unless_given: Bytes) -> Bytes:
        """Returns a string."""
        if not self.has(key):
            return unless_given
        if self.value(key).kind != STRING:
            self.note(Fault.GGUF_MALFORMED, f"{NAMES[u8(key)]} is no string")
            return unless_given
        return self.value(key).content

    def flag_must_be(self, key: Key, wanted: bool) -> None:
        """Notes a fault where a flag is given, and not as the tokenizer works."""
        if not self.has(key):
            return
        found = self.value(key).flag()
        if found is None:
            self.note(Fault.GGUF_MALFORMED, f"{NAMES[u8(key)]} is neither true nor false")
        elif found != wanted:
            self.note(Fault.GGUF_UNSUPPORTED, f"{NAMES[u8(key)]} is {found}; only {wanted} is done")

    def elements(self, key: Key, element_kind: u32, name: str) -> Bytes:
        """Returns the elements of an array of one type, of which `name` is the name."""
        value = self.value(key)
        if value.kind != ARRAY or value.element_kind != element_kind:
            self.note(Fault.GGUF_MALFORMED, f"{NAMES[u8(key)]} is no array of {name}")
            return b""
        return value.content


def place_of(name: Bytes) -> usize:
    """Returns the place of a key in NAMES, KEY_COUNT for one that is not there."""
    for place in range(KEY_COUNT):
        if encode(NAMES[place]) == name:
            return usize(place)
    return KEY_COUNT
