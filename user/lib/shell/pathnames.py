"""Pathname expansion: a pattern becomes the names that match it, in the order of their bytes."""

from __future__ import annotations

from abi.file import AT_FDCWD, AT_SYMLINK_NOFOLLOW, Stat
from bare import Allocator, Bytes, allocate_span, raises, struct, u8, usize
from user.lib import sys
from user.lib.directory import DirectoryReader
from user.lib.shell.characters import DOT, SLASH
from user.lib.shell.fields import Field, FieldList
from user.lib.shell.glob import QUOTED, Pattern
from user.lib.strings import compare


@struct
class PathExpansion:
    """One pattern being expanded; what matches is added to `found`."""

    allocator: Allocator
    pattern: Pattern
    found: FieldList

    @raises()
    def expand(self, prefix: Bytes, start: usize) -> None:
        """Adds the paths that begin with `prefix` and go on as the pattern does from `start` on."""
        end = start
        while end < len(self.pattern.text) and self.pattern.text[end] != SLASH:
            end += 1
        behind = end
        while behind < len(self.pattern.text) and self.pattern.text[behind] == SLASH:
            behind += 1
        part = Pattern(self.pattern.text[start:end], self.pattern.marks[start:end])
        slashes = self.pattern.text[end:behind]
        if not part.has_special():
            path = self.joined(prefix, part.text, slashes)
            if behind < len(self.pattern.text):
                self.expand(path, behind)
            elif exists(path):
                self.add(path)
            return
        self.expand_directory(prefix, part, slashes, behind)

    @raises()
    def expand_directory(self, prefix: Bytes, part: Pattern, slashes: Bytes, behind: usize) -> None:
        """Goes on with each entry of a directory that matches a part of the pattern."""
        reader = DirectoryReader()
        try:
            reader.open(prefix if len(prefix) > 0 else b".")
        except OSError:
            return
        try:
            while reader.step():
                name = reader.name
                if name[0] == DOT and not (len(part.text) > 0 and part.text[0] == DOT):
                    continue
                if not part.matches(name):
                    continue
                path = self.joined(prefix, name, slashes)
                if behind < len(self.pattern.text):
                    self.expand(path, behind)
                elif len(slashes) == 0 or exists(path):
                    self.add(path)
        except OSError:
            pass
        reader.close()

    @raises()
    def joined(self, prefix: Bytes, name: Bytes, slashes: Bytes) -> Bytes:
        """Returns a prefix, a name and the slashes behind it as one path."""
        path = allocate_span(self.allocator, u8, len(prefix) + len(name) + len(slashes))
        middle = len(prefix) + len(name)
        path[: len(prefix)].copy_from(prefix)
        path[len(prefix) : middle].copy_from(name)
        path[middle:].copy_from(slashes)
        return path

    @raises()
    def add(self, path: Bytes) -> None:
        """Adds a path; its bytes are not special any more."""
        marks = allocate_span(self.allocator, u8, len(path))
        marks.fill(QUOTED)
        self.found.add_field(path, marks)


def exists(path: Bytes) -> bool:
    """Whether a path names something, a dangling link too."""
    record = Stat()
    try:
        sys.newfstatat(AT_FDCWD, path, record, AT_SYMLINK_NOFOLLOW)
    except OSError:
        return False
    return True


def sort_fields(fields: FieldList) -> None:
    """Sorts fields by their bytes, by insertion; what is in order goes to the end at once."""
    sorted_first: Field | None = None
    field = fields.first
    last: Field | None = None
    while field is not None:
        following = field.next
        field.next = None
        if last is not None and compare(last.text, field.text) <= 0:
            last.next = field
            last = field
        else:
            sorted_first = inserted(sorted_first, field)
            if last is None:
                last = field
        field = following
    fields.first = sorted_first
    fields.last = last


def inserted(first: Field | None, field: Field) -> Field:
    """Puts a field into a sorted chain; returns the chain's first."""
    if first is None or compare(field.text, first.text) < 0:
        field.next = first
        return field
    before = first
    following = before.next
    while following is not None and compare(following.text, field.text) <= 0:
        before = following
        following = before.next
    field.next = following
    before.next = field
    return first
