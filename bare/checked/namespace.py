"""The names that generated code calls, for one program."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from bare import traps
from bare.checked import atomics, elements, operations, vectors
from bare.checked.fields import struct_over
from bare.checked.messages import Message
from compiler.ir.types import StructType, Type

if TYPE_CHECKING:
    from bare.checked.program import CheckedProgram


def operations_for(program: CheckedProgram) -> dict[str, Any]:
    """Returns the globals of generated code: each operation with `bare_` before its name."""
    names: dict[str, Any] = {}
    for module in (operations, elements):
        for name, value in vars(module).items():
            if callable(value) and value.__module__ == module.__name__:
                names[f"bare_{name}"] = value
    for module, prefix in ((atomics, "bare_atomic_"), (vectors, "bare_simd_")):
        for name, value in vars(module).items():
            if callable(value) and value.__module__ == module.__name__:
                names[f"{prefix}{name}"] = value
    names |= {
        "bare_simd_min": vectors.smallest,
        "bare_simd_max": vectors.largest,
        "bare_simd_sum": vectors.total_of,
        "bare_message": Message,
        "bare_trap": make_trap,
        "bare_multiply_high": lambda left, right: left * right >> 64,
        "bare_copy_struct": lambda target, source: target.bare_restore(source.bare_snapshot()),
        "bare_min": min,
        "bare_max": max,
        "bare_abs": abs,
        "bare_len": len,
        "bare_float": float,
        "bare_range": range,
        "bare_isinstance": isinstance,
        "OSError": OSError,
        "BaseException": BaseException,
        "nan": math.nan,
    }
    names |= _memory_operations(program)
    return names


def _memory_operations(program: CheckedProgram) -> dict[str, Any]:
    addresses, memory, machine = program.addresses, program.memory, program.machine

    def view(of: Type, span: memoryview, offset: int) -> Any:
        assert isinstance(of, StructType)
        size = program.storage_size(of)
        if not 0 <= offset <= len(span) - size:
            raise traps.IndexError(f"{size} bytes at {offset} outside a span of {len(span)}")
        return struct_over(program, of.name, memoryview(span), offset)

    def load_at(of: Type, pointer: int, index: int) -> Any:
        size = program.size_of(of)
        return addresses.decode(of, bytes(memory.bytes_at(pointer + index * size, size)))

    def store_at(of: Type, pointer: int, index: int, value: Any) -> None:
        size = program.size_of(of)
        memory.bytes_at(pointer + index * size, size)[:] = addresses.encode(of, value, size)

    def format_write(message: Message, writer: Any) -> None:
        for piece in message.pieces():
            writer.call_write(piece)

    def call_at(address: int, *values: int) -> int:
        found = memory.object_range(address)
        if found is not None and callable(found.value):
            result: int = found.value(*values)
            return result
        return machine.call(address, values)

    return {
        "bare_view": view,
        "bare_load_at": load_at,
        "bare_store_at": store_at,
        "bare_format_write": format_write,
        "bare_print": lambda message: program.write_output(message.render()),
        "bare_address_of": addresses.address_of,
        "bare_object_at": addresses.value_at,
        "bare_span_at": addresses.span_at,
        "bare_construct": addresses.construct,
        "bare_construct_span": addresses.construct_span,
        "bare_release": addresses.release,
        "bare_is_same": addresses.is_same,
        "bare_call_at": call_at,
        "bare_symbol_address": machine.symbol_address,
        "bare_asm": lambda template, *values: machine.execute(template, values),
        "bare_read_system_register": machine.read_system_register,
        "bare_write_system_register": machine.write_system_register,
        "bare_read_memory": memory.load,
        "bare_write_memory": memory.store,
    }


def make_trap(kind: str, message: Any) -> traps.Trap:
    """Makes the exception of a trap statement."""
    text = str(message) if isinstance(message, Message) else bytes(message).decode()
    made: traps.Trap = getattr(traps, kind)(text)
    return made
