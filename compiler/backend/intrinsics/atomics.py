"""Atomic operations on the one integer of `AtomicU32` and `AtomicU64`."""

from __future__ import annotations

from compiler.backend.arithmetic import integer_type
from compiler.backend.function import FunctionLowering
from compiler.backend.layout import VOID, Value
from compiler.ir import nodes as n

_ORDERS = {
    "relaxed": "monotonic",
    "acquire": "acquire",
    "release": "release",
    "acq_rel": "acq_rel",
    "seq_cst": "seq_cst",
}
_OPERATIONS = {
    "atomic_fetch_add": "add",
    "atomic_fetch_sub": "sub",
    "atomic_fetch_or": "or",
    "atomic_fetch_and": "and",
    "atomic_swap": "xchg",
}


def _order(node: n.Intrinsic) -> str:
    return _ORDERS[str(node.parameters[0])]


def load(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """`load`, `load_acquire`."""
    pointer = lowering.text(node.arguments[0])
    lowering.at(node.span)
    bits = integer_type(node.type).bits
    spelled = f"load atomic i{bits}, ptr {pointer} {_order(node)}, align {bits // 8}"
    return Value(f"i{bits}", lowering.out.emit(spelled))


def store(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """`store`, `store_release`."""
    pointer, value = (lowering.text(argument) for argument in node.arguments)
    lowering.at(node.span)
    bits = integer_type(node.arguments[1].type).bits
    place = f"ptr {pointer} {_order(node)}, align {bits // 8}"
    lowering.out.effect(f"store atomic i{bits} {value}, {place}")
    return VOID


def modify(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """`fetch_add` and its like: the old value."""
    pointer, value = (lowering.text(argument) for argument in node.arguments)
    lowering.at(node.span)
    bits = integer_type(node.type).bits
    operation = _OPERATIONS[node.name]
    spelled = (
        f"atomicrmw {operation} ptr {pointer}, i{bits} {value} {_order(node)}, align {bits // 8}"
    )
    return Value(f"i{bits}", lowering.out.emit(spelled))


def compare_exchange(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """The old value; the new one was stored if that was the expected."""
    pointer, expected, desired = (lowering.text(argument) for argument in node.arguments)
    lowering.at(node.span)
    bits = integer_type(node.type).bits
    order = _order(node)
    failure = "acquire" if order in ("acquire", "acq_rel", "seq_cst") else "monotonic"
    operands = f"ptr {pointer}, i{bits} {expected}, i{bits} {desired}"
    pair = lowering.out.emit(f"cmpxchg {operands} {order} {failure}, align {bits // 8}")
    return Value(f"i{bits}", lowering.out.emit(f"extractvalue {{i{bits}, i1}} {pair}, 0"))


def fence(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """A fence."""
    lowering.at(node.span)
    order = _order(node)
    lowering.out.effect(f"fence {'seq_cst' if order == 'monotonic' else order}")
    return VOID
