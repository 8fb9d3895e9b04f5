"""References to frame objects: what may be done with them and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compiler.sources import errors

NODES = """
from collections.abc import Callable
from bare import Array, Bytes, Span, array, copy_struct, inline, struct, text, u8, u32
from bare.unsafe import static_object

@struct
class Node:
    value: u32 = 0
    next: Node | None = None

@struct
class Box:
    node: Node
    spare: Node | None = None

@struct
class Holder:
    first: Node = inline()
    all: Array[Node | None] = array(4)
    data: Span[u8]
    name: str

def identity(node: Node) -> Node:
    return node

def next_of(node: Node) -> Node | None:
    return node.next

def link(first: Node, second: Node) -> None:
    first.next = second

def link_through(box: Box, node: Node) -> None:
    link(box.node, node)
"""

ALLOWED = {
    "linked in one frame": """
def f() -> u32:
    a = Node(1)
    b = Node(2)
    link(a, b)
    return next_value(a)

def next_value(node: Node) -> u32:
    following = node.next
    return following.value if following is not None else 0
""",
    "returned to the frame that owns it": """
def f() -> u32:
    return identity(Node(1)).value
""",
    "a parameter returned": """
def f(node: Node) -> Node | None:
    local = Node(1)
    return next_of(node) if local.value == 1 else identity(node)
""",
    "scalars out of a frame object": """
def f() -> u32:
    data: Array[u8] = array(4)
    data[0] = 1
    return data[0]
""",
    "a container in the frame of references that live longer": """
def f(node: Node) -> Node:
    box = Box(node, node)
    return box.node
""",
    "what a frame object leads to outside": """
def f(node: Node, other: Node) -> None:
    local = Node(1)
    box = Box(node, local)
    link(box.node, other)
""",
}

REFUSED = {
    "returned": ("E0501", """
def f() -> Node:
    return identity(Node(1))  # here
"""),
    "returned through a local and a condition": ("E0501", """
def f(node: Node, flag: bool) -> Node:
    local = Node(1) if flag else node
    return local  # here
"""),
    "embedded part returned": ("E0501", """
def f(data: Span[u8]) -> Node:
    holder = Holder(data, "x")
    return holder.first  # here
"""),
    "span returned as bytes": ("E0501", """
def f() -> Bytes:
    data: Array[u8] = array(8)
    return data[1:3]  # here
"""),
    "text over a frame array returned": ("E0501", """
def f() -> str:
    data: Array[u8] = array(8)
    return text(data)  # here
"""),
    "contents of a frame object returned": ("E0501", """
def f() -> Node | None:
    a = Node(1)
    link(a, Node(2))
    return next_of(a)  # here
"""),
    "in a tuple": ("E0501", """
def f(number: u32) -> tuple[u32, Node]:
    return number, Node(1)  # here
"""),
    "stored in a parameter": ("E0502", """
def f(node: Node) -> None:
    node.next = Node(1)  # here
"""),
    "stored in an element": ("E0502", """
def f(holder: Holder) -> None:
    holder.all[1] = Node(1)  # here
"""),
    "stored in a static object": ("E0502", """
def f() -> None:
    # SAFETY: one CPU.
    static_object(Node).next = Node(1)  # here
"""),
    "span stored in a parameter": ("E0502", """
def f(holder: Holder) -> None:
    data: Array[u8] = array(8)
    holder.data = data[1:]  # here
"""),
    "copied into a parameter": ("E0502", """
def f(node: Node) -> None:
    local = Node(1, Node(2))
    copy_struct(node, local)  # here
"""),
    "passed to what keeps it": ("E0503", """
def f(node: Node) -> None:
    link(node, Node(1))  # here
"""),
    "passed through two calls": ("E0503", """
def f(box: Box) -> None:
    link_through(box, Node(1))  # here
"""),
    "passed to a method that keeps it": ("E0503", """
@struct
class Keeper:
    kept: Node | None = None

    def keep(self, node: Node) -> None:
        self.kept = node

def f(keeper: Keeper) -> None:
    keeper.keep(Node(1))  # here
"""),
    "passed to an override that keeps it": ("E0503", """
@struct
class Base:
    def take(self, node: Node) -> None:
        pass

@struct
class Keeper(Base):
    kept: Node | None = None

    def take(self, node: Node) -> None:
        self.kept = node

def f(base: Base) -> None:
    base.take(Node(1))  # here
"""),
    "passed through a function value": ("E0503", """
def choose() -> Callable[[Node, Node], None]:
    return link

def f(node: Node, function: Callable[[Node, Node], None]) -> None:
    function(node, Node(1))  # here
"""),
}  # fmt: skip


@pytest.mark.parametrize("name", ALLOWED)
def test_allows(name: str, tmp_path: Path) -> None:
    assert errors(tmp_path, NODES + ALLOWED[name]) == []


@pytest.mark.parametrize("name", REFUSED)
def test_refuses(name: str, tmp_path: Path) -> None:
    code, source = REFUSED[name]
    lines = (NODES + source).splitlines()
    (place,) = [number for number, line in enumerate(lines, 1) if line.endswith("# here")]
    assert errors(tmp_path, NODES + source) == [(code, place)]
