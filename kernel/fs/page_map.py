"""`PageMap`: the frames of one file by page index.

The first page stands in the map itself, the first 64 in a leaf, the first 4,096 behind one table of
leaves, the rest behind a table of tables, so a small file costs little and a sparse one only what
it uses. An entry is a frame's physical address with the owner's flags in its low twelve bits; zero
is absent.

The owner locks. `reserve` allocates what an entry needs; afterwards `set` cannot fail.
"""

from __future__ import annotations

from abi.errno import EFBIG
from bare import Array, allocate, array, raises, release, struct, u64
from bare.lib.allocator import Allocator

LEAF_SHIFT: u64 = 6
LEAF_PAGES: u64 = 64
TABLE_SHIFT: u64 = 12
TABLE_PAGES: u64 = 4096
PAGE_LIMIT: u64 = 4096 * 512
"""Pages that a file can have: 8 GiB."""


@struct(size=512)
class PageLeaf:
    """Entries of 64 consecutive pages."""

    entries: Array[u64] = array(64)


@struct(size=512)
class LeafTable:
    """Leaves of 4,096 consecutive pages."""

    leaves: Array[PageLeaf | None] = array(64)


@struct(size=4096)
class TopTable:
    """Tables of all pages; the first is not used."""

    tables: Array[LeafTable | None] = array(512)


@struct
class PageMap:
    """A sparse map from page index to entry. Set `allocator` first."""

    allocator: Allocator
    first: u64
    leaf: PageLeaf | None
    table: LeafTable | None
    top: TopTable | None

    def get(self, index: u64) -> u64:
        """Returns the entry of page `index`, 0 where there is none."""
        if index == 0:
            return self.first
        leaf = self._leaf(index)
        return 0 if leaf is None else leaf.entries[index % LEAF_PAGES]

    def set(self, index: u64, entry: u64) -> None:
        """Sets an entry whose place was reserved."""
        if index == 0:
            self.first = entry
            return
        leaf = self._leaf(index)
        assert leaf is not None, "page map entry was not reserved"
        leaf.entries[index % LEAF_PAGES] = entry

    @raises()
    def reserve(self, index: u64) -> None:
        """Makes room for the entry of page `index`; ENOMEM, EFBIG."""
        if index == 0:
            return
        if index < LEAF_PAGES:
            if self.leaf is None:
                self.leaf = allocate(self.allocator, PageLeaf)
            return
        table = self._reserve_table(index)
        place = index >> LEAF_SHIFT & (LEAF_PAGES - 1)
        if table.leaves[place] is None:
            table.leaves[place] = allocate(self.allocator, PageLeaf)

    def next_present(self, index: u64) -> u64:
        """Returns the first index from `index` on that has an entry, else `PAGE_LIMIT`."""
        while index < PAGE_LIMIT:
            if index == 0:
                if self.first != 0:
                    return 0
                index = 1
            leaf = self._leaf(index)
            if leaf is None:
                index = self._skip_absent(index)
                continue
            if leaf.entries[index % LEAF_PAGES] != 0:
                return index
            index += 1
        return PAGE_LIMIT

    def trim(self, first: u64) -> None:
        """Gives back what only pages from `first` on need; they must have no entries."""
        leaf = self.leaf
        if leaf is not None and first <= 1:
            release(self.allocator, leaf)
            self.leaf = None
        table = self.table
        if table is not None:
            self._trim_table(table, first)
            if first <= LEAF_PAGES:
                release(self.allocator, table)
                self.table = None
        top = self.top
        if top is not None:
            self._trim_top(top, first)
            if first <= TABLE_PAGES:
                release(self.allocator, top)
                self.top = None

    def _leaf(self, index: u64) -> PageLeaf | None:
        if index < LEAF_PAGES:
            return self.leaf
        table = self._table(index)
        if table is None:
            return None
        return table.leaves[index >> LEAF_SHIFT & (LEAF_PAGES - 1)]

    def _table(self, index: u64) -> LeafTable | None:
        if index < TABLE_PAGES:
            return self.table
        top = self.top
        if top is None or index >= PAGE_LIMIT:
            return None
        return top.tables[index >> TABLE_SHIFT]

    @raises()
    def _reserve_table(self, index: u64) -> LeafTable:
        """Returns the table for an index that lies behind the first leaf."""
        if index >= PAGE_LIMIT:
            raise OSError(EFBIG)
        table = self._table(index)
        if table is not None:
            return table
        if index < TABLE_PAGES:
            made = allocate(self.allocator, LeafTable)
            self.table = made
            return made
        top = self._reserve_top()
        made = allocate(self.allocator, LeafTable)
        top.tables[index >> TABLE_SHIFT] = made
        return made

    @raises()
    def _reserve_top(self) -> TopTable:
        top = self.top
        if top is None:
            top = allocate(self.allocator, TopTable)
            self.top = top
        return top

    def _trim_top(self, top: TopTable, first: u64) -> None:
        """Trims the tables behind the first one."""
        slot = max(first >> TABLE_SHIFT, 1)
        while slot < len(top.tables):
            start = slot << TABLE_SHIFT
            table = top.tables[slot]
            if table is not None:
                self._trim_table(table, max(first, start) - start)
                if first <= start:
                    release(self.allocator, table)
                    top.tables[slot] = None
            slot += 1

    def _trim_table(self, table: LeafTable, first: u64) -> None:
        """Gives back the leaves behind page `first`, counted from the table's own start."""
        place = (first + LEAF_PAGES - 1) >> LEAF_SHIFT
        while place < LEAF_PAGES:
            leaf = table.leaves[place]
            if leaf is not None:
                release(self.allocator, leaf)
                table.leaves[place] = None
            place += 1

    def _skip_absent(self, index: u64) -> u64:
        """Returns the first index behind the absent leaf or table that holds `index`."""
        if index >= TABLE_PAGES and self.top is None:
            return PAGE_LIMIT
        if index >= LEAF_PAGES and self._table(index) is None:
            return ((index >> TABLE_SHIFT) + 1) << TABLE_SHIFT
        return ((index >> LEAF_SHIFT) + 1) << LEAF_SHIFT
