"""Elements of struct type are embedded: a[i] is a reference."""

from __future__ import annotations

from bare import Array, Span, array, inline, struct, u8, u32


@struct
class Slot:
    """An element."""

    owner: u32 = 7
    name: Array[u8] = array(4)


@struct
class Table:
    """Embeds an array of structs."""

    count: u32 = 0
    slots: Array[Slot] = array(3)
    spare: Slot = inline()


def claim(slots: Span[Slot], owner: u32) -> Slot | None:
    """Returns the first slot that still has its default owner."""
    for slot in slots:
        if slot.owner == 7:
            slot.owner = owner
            return slot
    return None


def main() -> None:
    """Changes elements through references."""
    table = Table()
    first = claim(table.slots, 1)
    second = claim(table.slots, 2)
    print(table.slots[0].owner, table.slots[1].owner, table.slots[2].owner, table.spare.owner)
    print(first is table.slots[0], second is table.slots[1], first is second)
    claim(table.slots[2:], 3)
    print(claim(table.slots, 4) is None)
    slot = table.slots[1]
    slot.name[3] = 200
    print(table.slots[1].name[3], table.slots[0].name[3])
    local: Array[Slot] = array(2)
    local[1].owner = 5
    print(local[0].owner, local[1].owner)
