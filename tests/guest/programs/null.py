"""null - use a reference that was never set."""

from __future__ import annotations

from bare import i32, inline, struct
from user.lib.arguments import Arguments


@struct
class Leaf:
    """What the reference should point at."""

    value: i32 = 7


@struct
class Branch:
    """Holds a reference that nobody sets."""

    leaf: Leaf


@struct
class Tree:
    """Embeds a branch, so that no constructor asks for its leaf."""

    branch: Branch = inline()


def value_of(branch: Branch) -> i32:
    """Returns the leaf's value; traps when the leaf is not set."""
    return branch.leaf.value


def main(arguments: Arguments) -> i32:
    """Traps: the leaf was never set."""
    return value_of(Tree().branch)
