"""`Cache`: the keys and values of one sequence, each head a matrix in the order of the kernels.

The keys of a head are rows, a row for a position, so that scores are a product with the query. Its
values are columns, so that mixing them is a product with the chances.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Span, allocate_span, f64, i8, i32, i64, raises, struct, usize, wrap_i32
from bare.lib.allocator import Allocator
from user.lib.llm.config import Config
from user.lib.llm.integer.matrix import padded_columns, padded_rows, place_of
from user.lib.llm.integer.products import BLOCK_ROWS, GROUP_BYTES, GROUP_COLUMNS
from user.lib.llm.integer.vectors import fixed

KEY_STEPS: f64 = 16777216.0
"""Units of keys are kept in multiples of 2**-24."""
LARGEST_KEY_UNIT: i64 = 1 << 27
VALUE_STEPS: f64 = 268435456.0
"""Those of values in multiples of 2**-28."""
LARGEST_VALUE_UNIT: i64 = (1 << 31) - 1


@struct
class Cache:
    """One slot for each layer and kv head."""

    context: usize
    key_bytes: usize
    """Of a slot."""
    key_stride: usize
    value_bytes: usize
    value_stride: usize
    keys: Span[i8]
    values: Span[i8]
    key_units: Span[i32]
    """[slot, position], like `value_units`."""
    value_units: Span[i32]

    @raises(ENOMEM)
    def prepare(self, allocator: Allocator, config: Config) -> None:
        """Takes the memory for the whole context."""
        size = config.head_size()
        slots = config.layers * config.kv_heads
        self.context = config.context
        self.key_stride = BLOCK_ROWS * padded_columns(size)
        self.key_bytes = padded_rows(config.context) * padded_columns(size)
        self.value_stride = BLOCK_ROWS * padded_columns(config.context)
        self.value_bytes = padded_rows(size) * padded_columns(config.context)
        self.keys = allocate_span(allocator, i8, slots * self.key_bytes)
        self.values = allocate_span(allocator, i8, slots * self.value_bytes)
        self.key_units = allocate_span(allocator, i32, slots * config.context)
        self.value_units = allocate_span(allocator, i32, slots * config.context)

    def bytes(self) -> usize:
        """Returns the memory that it takes."""
        units = len(self.key_units) + len(self.value_units)
        return len(self.keys) + len(self.values) + 4 * units

    def keys_of(self, slot: usize) -> Span[i8]:
        """Views the keys of a slot."""
        return self.keys[slot * self.key_bytes : (slot + 1) * self.key_bytes]

    def values_of(self, slot: usize) -> Span[i8]:
        """Views the values of a slot."""
        return self.values[slot * self.value_bytes : (slot + 1) * self.value_bytes]

    def store_key(self, slot: usize, position: usize, key: Span[i8], unit: f64) -> None:
        """Keeps a key."""
        first = place_of(position, 0, self.key_stride)
        keys = self.keys_of(slot)[first:]
        for index in range(len(key)):
            place = index // GROUP_COLUMNS * GROUP_BYTES + index % GROUP_COLUMNS
            keys[place] = key[index]
        steps = fixed(unit, KEY_STEPS, LARGEST_KEY_UNIT)
        self.key_units[slot * self.context + position] = wrap_i32(steps)

    def store_value(self, slot: usize, position: usize, value: Span[i8], unit: f64) -> None:
        """Keeps a value."""
        values = self.values_of(slot)
        for index in range(len(value)):
            values[place_of(index, position, self.value_stride)] = value[index]
        steps = fixed(unit, VALUE_STEPS, LARGEST_VALUE_UNIT)
        self.value_units[slot * self.context + position] = wrap_i32(steps)
