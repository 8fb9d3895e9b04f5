"""The flattened device tree, read in place. Devicetree Specification 0.4, chapter 5.

The tree comes from outside: every offset and length is checked, and what is wrong reads as absent.
A node is named by the offset of its FDT_BEGIN_NODE token; `NO_NODE` is none.

How to use it: `open_tree(tree, data)` once; `NodeWalk` goes through all nodes, loops run over
`first_child` and `next_sibling`, or over all nodes with `next_node`.
"""

from __future__ import annotations

from bare import Array, Bytes, array, encode, load_u32_be, load_u64_be, struct, u32, u64

MAGIC = 0xD00DFEED
NO_NODE = 0xFFFF_FFFF
"""No node."""

BEGIN_NODE = 1
END_NODE = 2
PROPERTY = 3
NOP = 4
END = 9

AT_SIGN = 0x40
DEPTH_LIMIT = 16
"""Levels whose nodes a `NodeWalk` tells the parents of."""

HEADER_SIZE = 40
MAXIMUM_SIZE = 2 << 20
"""Bytes above which a tree is not believed; the boot protocol's limit."""


@struct
class DeviceTree:
    """A tree whose header was checked by `open_tree`."""

    data: Bytes
    structure: u32 = 0
    structure_end: u32 = 0
    strings: u32 = 0
    """Offsets in `data`; the strings end where it ends."""
    walked_node: u32 = NO_NODE
    walked_parent: u32 = NO_NODE
    """The node that a `NodeWalk` is at, and its parent: saves looking for it."""

    def root(self) -> u32:
        """Returns the root node, NO_NODE in an empty tree."""
        return self.begin_from(self.structure)

    def name(self, node: u32) -> Bytes:
        """Returns a node's name with its unit address, `uart@9000000`."""
        return self.text_at(u64(node) + 4)

    def first_child(self, node: u32) -> u32:
        """Returns a node's first child."""
        place = self.after_properties(self.contents(node))
        return place if self.token(place) == BEGIN_NODE else NO_NODE

    def next_sibling(self, node: u32) -> u32:
        """Returns the next child of the same parent."""
        place = self.after_node(node)
        return place if self.token(place) == BEGIN_NODE else NO_NODE

    def parent(self, node: u32) -> u32:
        """Returns the node that holds `node`; NO_NODE for the root. Walks the tree, unless a
        `NodeWalk` is at `node`.
        """
        if node == self.walked_node:
            return self.walked_parent
        candidate = self.root()
        if candidate == node:
            return NO_NODE
        while candidate != NO_NODE:
            child = self.first_child(candidate)
            inside: u32 = NO_NODE
            while child != NO_NODE and child <= node:
                if child == node:
                    return candidate
                inside = child
                child = self.next_sibling(child)
            candidate = inside
        return NO_NODE

    def find_child(self, node: u32, name: str) -> u32:
        """Returns the child of a name, given without its unit address."""
        child = self.first_child(node)
        while child != NO_NODE:
            if base_name(self.name(child)) == encode(name):
                return child
            child = self.next_sibling(child)
        return NO_NODE

    def find_property(self, node: u32, name: str) -> u32:
        """Returns the offset of a property, NO_NODE where the node has none of that name."""
        wanted = encode(name)
        place = self.contents(node)
        while True:
            token = self.token(place)
            if token == PROPERTY:
                if self.has_text(u64(self.strings) + self.word(place + 8), wanted):
                    return place
                place = self.after_property(place)
            elif token == NOP:
                place += 4
            else:
                return NO_NODE

    def has_property(self, node: u32, name: str) -> bool:
        """Whether a node has a property."""
        return self.find_property(node, name) != NO_NODE

    def value(self, node: u32, name: str) -> Bytes:
        """Returns a property's bytes, none where it is absent."""
        place = self.find_property(node, name)
        if place == NO_NODE:
            return self.data[:0]
        length = self.word(place + 4)
        start = place + 12
        if length > u64(self.structure_end) - min(start, self.structure_end):
            return self.data[:0]
        return self.data[start : start + length]

    def string(self, node: u32, name: str) -> Bytes:
        """Returns a property that is text, without its zero byte."""
        return until_zero(self.value(node, name))

    def integer(self, node: u32, name: str, default: u32) -> u32:
        """Returns a property of one cell."""
        value = self.value(node, name)
        return load_u32_be(value, 0) if len(value) == 4 else default

    def is_compatible(self, node: u32, name: str) -> bool:
        """Whether `name` is among the strings of a node's `compatible`."""
        return is_among(self.value(node, "compatible"), encode(name))

    def is_enabled(self, node: u32) -> bool:
        """Whether a node's `status` is absent or okay."""
        status = self.string(node, "status")
        return len(status) == 0 or status == b"okay" or status == b"ok"

    def region(self, node: u32, index: u32) -> tuple[u64, u64]:
        """Returns address and size of an entry of `reg`; zeros where it is absent."""
        parent = self.parent(node)
        address_cells: u32 = 2
        size_cells: u32 = 1
        if parent != NO_NODE:
            address_cells = self.integer(parent, "#address-cells", 2)
            size_cells = self.integer(parent, "#size-cells", 1)
        if address_cells > 2 or size_cells > 2:
            return 0, 0
        value = self.value(node, "reg")
        step = u64(4 * (address_cells + size_cells))
        if index >= 1 << 20 or (index + 1) * step > len(value):
            return 0, 0
        start = index * step
        return (
            cells(value, start, address_cells),
            cells(value, start + 4 * address_cells, size_cells),
        )

    def interrupt(self, node: u32, index: u32) -> u32:
        """Returns the GIC interrupt number of an entry of `interrupts`; 0 where it is absent.

        The binding has three cells: kind (0 shared, 1 private), number, flags.
        """
        value = self.value(node, "interrupts")
        if index >= 1 << 20 or (index + 1) * 12 > len(value):
            return 0
        kind = load_u32_be(value, index * 12)
        number = load_u32_be(value, index * 12 + 4)
        if kind > 1 or number > 1019:
            return 0
        return number + (32 if kind == 0 else 16)

    def contents(self, node: u32) -> u32:
        """Returns the offset of what follows a node's name."""
        if node >= self.structure_end:
            return self.structure_end
        return node + 4 + aligned(u32(len(self.name(node))) + 1)

    def after_property(self, place: u32) -> u32:
        """Returns the offset behind a property; the tree's end where its length is wrong."""
        length = self.word(place + 4)
        if length > self.structure_end:
            return self.structure_end
        return place + 12 + aligned(length)

    def after_properties(self, place: u32) -> u32:
        """Returns the offset of the first token that is neither property nor NOP."""
        while True:
            token = self.token(place)
            if token == PROPERTY:
                place = self.after_property(place)
            elif token == NOP:
                place += 4
            else:
                return place

    def after_node(self, node: u32) -> u32:
        """Returns the offset of the first token behind a node and all in it."""
        depth: u32 = 1
        place = self.after_properties(self.contents(node))
        while depth > 0:
            token = self.token(place)
            if token == BEGIN_NODE:
                depth += 1
                place = self.after_properties(self.contents(place))
            elif token == END_NODE:
                depth -= 1
                place = self.after_properties(place + 4)
            else:
                return place
        return place

    def begin_from(self, place: u32) -> u32:
        """Returns the first FDT_BEGIN_NODE from an offset on."""
        while True:
            token = self.token(place)
            if token == BEGIN_NODE:
                return place
            if token == PROPERTY:
                place = self.after_property(place)
            elif token in (NOP, END_NODE):
                place += 4
            else:
                return NO_NODE

    def token(self, place: u32) -> u32:
        """Returns the token at an offset; END outside the structure."""
        if place >= self.structure_end:
            return END
        return self.word(place)

    def word(self, place: u32) -> u32:
        """Returns the cell at an offset, 0 outside the tree."""
        if u64(place) + 4 > len(self.data):
            return 0
        return load_u32_be(self.data, place)

    def has_text(self, place: u64, wanted: Bytes) -> bool:
        """Whether `wanted` and a zero byte are at an offset. The quick way to say no."""
        end = place + len(wanted)
        if end >= len(self.data) or self.data[end] != 0:
            return False
        return self.data[place:end] == wanted

    def text_at(self, place: u64) -> Bytes:
        """Returns the text at an offset, up to its zero byte."""
        if place >= len(self.data):
            return self.data[:0]
        return until_zero(self.data[place:])


def open_tree(tree: DeviceTree, data: Bytes) -> bool:
    """Checks the header of a tree and sets `tree` up; False where it is none."""
    size = tree_size(data)
    if size == 0 or size > len(data):
        return False
    structure = u64(load_u32_be(data, 8))
    strings = u64(load_u32_be(data, 12))
    structure_size = u64(load_u32_be(data, 36))
    if structure % 4 != 0 or structure + structure_size > size or strings > size:
        return False
    used = max(structure + structure_size, strings + u64(load_u32_be(data, 32)))
    tree.data = data[: min(used, size)]
    tree.structure = u32(structure)
    tree.structure_end = u32(structure + structure_size)
    tree.strings = u32(strings)
    return True


@struct
class NodeWalk:
    """Goes through all nodes in the order of the tree and knows each one's parent.

    `while walk.advance(): ... walk.node`. Nodes deeper than `DEPTH_LIMIT` count as children of the
    last one above.
    """

    tree: DeviceTree
    node: u32 = NO_NODE
    depth: u32 = 0
    """Of the node; the root's is 1."""
    ancestors: Array[u32] = array(DEPTH_LIMIT)
    """By depth, from 0: the root's parent, which is none."""

    def advance(self) -> bool:
        """Goes to the next node; False at the end."""
        tree = self.tree
        place = tree.structure
        if self.depth > 0:
            place = tree.contents(self.node)
        while True:
            place = tree.after_properties(place)
            token = tree.token(place)
            if token == BEGIN_NODE:
                self.enter(place)
                return True
            if token != END_NODE or self.depth == 0:
                tree.walked_node = NO_NODE
                return False
            self.depth -= 1
            place += 4

    def enter(self, node: u32) -> None:
        """Notes the node, and tells the tree its parent."""
        self.ancestors[0] = NO_NODE
        parent = self.ancestors[min(self.depth, DEPTH_LIMIT - 1)]
        self.depth += 1
        self.ancestors[min(self.depth, DEPTH_LIMIT - 1)] = node
        self.node = node
        self.tree.walked_node = node
        self.tree.walked_parent = parent


def find_compatible(tree: DeviceTree, name: str) -> u32:
    """Returns the first enabled node that is compatible with `name`."""
    walk = NodeWalk(tree)
    while walk.advance():
        if tree.is_compatible(walk.node, name) and tree.is_enabled(walk.node):
            return walk.node
    return NO_NODE


def is_among(strings: Bytes, wanted: Bytes) -> bool:
    """Whether a text is one of those, each with a zero byte, that a property lists."""
    start: u64 = 0
    while start < len(strings):
        candidate = until_zero(strings[start:])
        if candidate == wanted:
            return True
        start += len(candidate) + 1
    return False


def tree_size(data: Bytes) -> u64:
    """Returns the size that a tree's header gives; 0 where it is no header of version 17."""
    if len(data) < HEADER_SIZE or load_u32_be(data, 0) != MAGIC:
        return 0
    size = u64(load_u32_be(data, 4))
    if size < HEADER_SIZE or size > MAXIMUM_SIZE:
        return 0
    return size if load_u32_be(data, 20) >= 17 and load_u32_be(data, 24) <= 17 else 0


def until_zero(value: Bytes) -> Bytes:
    """Returns what comes before the first zero byte, all where there is none."""
    length: u64 = 0
    while length < len(value) and value[length] != 0:
        length += 1
    return value[:length]


def base_name(name: Bytes) -> Bytes:
    """Returns a node's name without its unit address."""
    length: u64 = 0
    while length < len(name) and name[length] != AT_SIGN:
        length += 1
    return name[:length]


def cells(value: Bytes, start: u64, count: u32) -> u64:
    """Returns a number of `count` cells, at most two."""
    if count == 2:
        return load_u64_be(value, start)
    return 0 if count == 0 else u64(load_u32_be(value, start))


def aligned(length: u32) -> u32:
    """Rounds a length up to whole cells."""
    return (length + 3) // 4 * 4
