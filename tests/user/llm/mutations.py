"""Damaged forms of files, each following from a seed: cut, lengthened, changed where it hurts."""

import random
import struct
from collections.abc import Sequence
from typing import NamedTuple

EXTREME_F32 = tuple(
    struct.pack("<f", number)
    for number in (float("nan"), float("inf"), -float("inf"), 3e38, 1e-45, 1024.5, -0.0)
)


class Field(NamedTuple):
    """A number of the file's structure: where it stands and its bytes."""

    offset: int
    width: int


def mutate(file: bytes, fields: Sequence[Field], seed: int) -> bytes:
    """Returns the file with one to three changes."""
    chance = random.Random(seed)
    changed = bytearray(file)
    for _ in range(chance.choice((1, 1, 2, 3))):
        CHANGES[chance.randrange(len(CHANGES))](changed, fields, chance)
    return bytes(changed)


def mutate_text(text: bytes, seed: int) -> bytes:
    """Returns a text with a change, which is often as good a text as it was."""
    chance = random.Random(seed)
    if chance.random() < 0.2:
        return mutate(text, (), seed)
    lines = text.split(b"\n")
    place = chance.randrange(len(lines))
    kind = chance.randrange(8)
    if kind == 0:
        del lines[place]
    elif kind == 1:
        lines.insert(chance.randrange(len(lines) + 1), lines[place])
    elif kind == 2:
        lines[place] = b"\t " + lines[place] + b" \r"
    else:
        letters = [index for index, byte in enumerate(text) if chr(byte).isalnum()]
        letter = chance.choice(letters)
        other = chance.choice(b"0123456789abcdef") if kind < 7 else text[letter] ^ 0x20
        return text[:letter] + bytes([other]) + text[letter + 1 :]
    return b"\n".join(lines)


def cut(file: bytearray, fields: Sequence[Field], chance: random.Random) -> None:
    """Cuts it anywhere, or where a field is."""
    end = chance.randrange(len(file) + 1)
    if fields and chance.random() < 0.5:
        field = chance.choice(fields)
        end = min(len(file), field.offset + chance.randint(0, field.width))
    del file[end:]


def lengthen(file: bytearray, _fields: Sequence[Field], chance: random.Random) -> None:
    """Adds bytes at the end."""
    file += chance.randbytes(chance.choice((1, 4, 32, 1000)))


def set_field(file: bytearray, fields: Sequence[Field], chance: random.Random) -> None:
    """Gives a field a value that tends to break arithmetic."""
    if not fields:
        return
    field = chance.choice(fields)
    limit = 1 << 8 * field.width
    old = int.from_bytes(file[field.offset : field.offset + field.width], "little")
    near = [old + step for step in (-32, -8, -4, -1, 1, 4, 8, 32)]
    far = [0, 1, limit - 1, limit // 2, limit // 2 - 1, limit - 32, len(file), old * 2, old * 8]
    value = chance.choice([*near, *far, chance.randrange(limit), chance.randrange(64)]) % limit
    if field.offset + field.width <= len(file):
        file[field.offset : field.offset + field.width] = value.to_bytes(field.width, "little")


def set_number(file: bytearray, _fields: Sequence[Field], chance: random.Random) -> None:
    """Writes an extreme floating-point number on a multiple of four."""
    if len(file) >= 4:
        place = 4 * chance.randrange(len(file) // 4)
        file[place : place + 4] = chance.choice(EXTREME_F32)


def flip(file: bytearray, _fields: Sequence[Field], chance: random.Random) -> None:
    """Changes bytes, mostly near the start, where structures are."""
    for _ in range(chance.randint(1, 4)):
        if file:
            reach = len(file) if chance.random() < 0.3 else min(len(file), 1500)
            file[chance.randrange(reach)] ^= chance.randint(1, 255)


def move(file: bytearray, _fields: Sequence[Field], chance: random.Random) -> None:
    """Takes out bytes, puts some in, or copies a part over another."""
    start, size = chance.randrange(len(file) + 1), chance.choice((1, 4, 8, 40))
    part = bytes(file[start : start + size])
    kind = chance.randrange(3)
    if kind == 0:
        del file[start : start + size]
    elif kind == 1:
        file[start:start] = part
    else:
        to = chance.randrange(len(file) + 1)
        file[to : to + len(part)] = part


CHANGES = (cut, lengthen, set_field, set_field, set_field, set_number, flip, flip, move)
