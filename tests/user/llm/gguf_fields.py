"""Where the numbers of a GGUF file's structure stand, for damaging them one by one."""

import struct

from tests.user.llm.mutations import Field

WIDTHS = (1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8)
STRING, ARRAY = 8, 9


def gguf_fields(file: bytes) -> list[Field]:
    """Returns counts, lengths, types, values, dimensions and offsets of a GGUF file."""
    fields = [Field(4, 4), Field(8, 8), Field(16, 8)]
    tensors, pairs = struct.unpack_from("<QQ", file, 8)
    offset = 24
    for _ in range(pairs):
        offset = string_fields(file, offset, fields)
        offset = value_fields(file, offset, fields)
    for _ in range(tensors):
        offset = string_fields(file, offset, fields)
        (dimensions,) = struct.unpack_from("<I", file, offset)
        fields += [Field(offset, 4)]
        fields += [Field(offset + 4 + 8 * index, 8) for index in range(dimensions)]
        offset += 4 + 8 * dimensions
        fields += [Field(offset, 4), Field(offset + 4, 8)]
        offset += 12
    return fields


def string_fields(file: bytes, offset: int, fields: list[Field]) -> int:
    fields.append(Field(offset, 8))
    return offset + 8 + int(struct.unpack_from("<Q", file, offset)[0])


def value_fields(file: bytes, offset: int, fields: list[Field]) -> int:
    """Adds a value's type and content; of an array, the first elements."""
    (kind,) = struct.unpack_from("<I", file, offset)
    fields.append(Field(offset, 4))
    offset += 4
    if kind == STRING:
        return string_fields(file, offset, fields)
    if kind != ARRAY:
        fields.append(Field(offset, WIDTHS[kind]))
        return offset + WIDTHS[kind]
    element, count = struct.unpack_from("<IQ", file, offset)
    fields += [Field(offset, 4), Field(offset + 4, 8)]
    offset += 12
    for index in range(count):
        found: list[Field] = []
        if element == STRING:
            offset = string_fields(file, offset, found)
        else:
            found.append(Field(offset, WIDTHS[element]))
            offset += WIDTHS[element]
        if index < 4 or index % 64 == 0:
            fields += found
    return offset
