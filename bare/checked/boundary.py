"""The boundary between a test and a program under `bare.load`.

Arguments are converted and checked on the way in, results on the way out: integers by range,
`bytes` and `str` as text, `bytearray` and lists as spans (a list is copied in and back), enum
members, structs. What the program raises keeps its traceback, cut down to the program's own
frames.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bare import traps
from bare.checked.elements import ElementList, ElementSpan, as_format, make_scalars, scalar_format
from bare.checked.messages import Message, decode
from compiler.ir.program import Field, Function, Struct
from compiler.ir.types import (
    ArrayType,
    BoolType,
    BytesType,
    CallableType,
    EnumType,
    FloatType,
    FormatType,
    IntType,
    NullableType,
    SpanType,
    StrType,
    StructType,
    TupleType,
    Type,
)

if TYPE_CHECKING:
    from bare.checked.objects import Object
    from bare.checked.program import CheckedProgram

MACHINERY = str(Path(__file__).parent)
NATIVE_TRAPS: dict[type[BaseException], tuple[type[traps.Trap], str]] = {
    IndexError: (traps.IndexError, "index outside the array or span"),
    ZeroDivisionError: (traps.ZeroDivisionError, "division by zero"),
    RecursionError: (traps.RecursionError, "the stack is used up"),
}
"""What CPython itself raises in generated code, and the trap and message that it stands for."""


class Boundary:
    """Conversions for one program."""

    def __init__(self, program: CheckedProgram) -> None:
        self._program = program

    # --- functions

    def function(self, function: Function, raw: Callable[..., Any]) -> Callable[..., Any]:
        """Wraps a function of the program for callers outside it."""
        names = [parameter.name for parameter in function.parameters]
        defaults = self._program.defaults_of(function)

        def outside(*arguments: Any, **named: Any) -> Any:
            __tracebackhide__ = True
            values = dict(zip(names, arguments, strict=False))
            if len(arguments) > len(names) or not values.keys().isdisjoint(named):
                raise TypeError(f"{function.qualname}() got arguments that it does not take")
            values = defaults | values | named
            if values.keys() != set(names):
                raise TypeError(f"{function.qualname}() takes {', '.join(names) or 'nothing'}")
            lent: list[tuple[list[Any], Any]] = []
            inside = [
                self.enter(parameter.type, values[parameter.name], lent)
                for parameter in function.parameters
            ]
            result = self.leave(function.result, self.run(raw, inside))
            for original, copy in lent:
                original[:] = list(copy)
            return result

        outside.__name__ = outside.__qualname__ = function.qualname
        outside.__doc__ = function.docstring
        return outside

    def run(self, raw: Callable[..., Any], arguments: list[Any]) -> Any:
        """Calls into the program; what it raises shows the program's frames only."""
        __tracebackhide__ = True
        try:
            return raw(*arguments)
        except BaseException as error:
            raised = error
        raise self._as_trap(raised) from raised.__cause__

    def _as_trap(self, error: BaseException) -> BaseException:
        traceback = error.__traceback__
        frames = own_frames(traceback)
        native = NATIVE_TRAPS.get(type(error))
        if native is not None and is_own(innermost(traceback), self._program):
            kind, message = native
            error = kind(message)
        elif not isinstance(error, traps.Trap | OSError):
            return error
        return error.with_traceback(link(frames))

    # --- values

    def enter(self, of: Type, value: Any, lent: list[tuple[list[Any], Any]] | None = None) -> Any:
        """Converts a value on its way into the program."""
        if isinstance(of, NullableType):
            return None if value is None else self.enter(of.inner, value, lent)
        if isinstance(of, BoolType):
            return _need(isinstance(value, bool), bool, value, of)
        if isinstance(of, FloatType):
            return self._enter_float(of, value)
        if isinstance(of, EnumType):
            return self._enter_enum(of, value)
        if isinstance(of, IntType):
            return self._enter_int(of, value)
        if isinstance(of, BytesType | StrType):
            return _enter_bytes(value)
        if isinstance(of, FormatType):
            return value if isinstance(value, Message) else Message((_enter_bytes(value), "s"))
        if isinstance(of, SpanType | ArrayType):
            return self._enter_span(of, value, lent)
        if isinstance(of, StructType):
            cls = self._program.classes.of(of.name)
            return _need(isinstance(value, cls), None, value, of)
        if isinstance(of, TupleType):
            pairs = zip(of.items, value, strict=True)
            return tuple(self.enter(kind, item, lent) for kind, item in pairs)
        if isinstance(of, CallableType):
            return self._enter_callable(of, value)
        return _enter_value(value)

    def leave(self, of: Type, value: Any) -> Any:
        """Converts a value on its way out."""
        if isinstance(of, NullableType):
            return None if value is None else self.leave(of.inner, value)
        if isinstance(of, EnumType):
            return self._program.enum_class(of.name)(value)
        if isinstance(of, BytesType):
            return bytes(value)
        if isinstance(of, StrType):
            return decode(value)
        if isinstance(of, TupleType):
            return tuple(self.leave(kind, item) for kind, item in zip(of.items, value, strict=True))
        if isinstance(of, CallableType):
            return self._program.outside_of(value)
        return value

    def _enter_int(self, of: IntType, value: Any) -> int:
        _need(isinstance(value, int) and not isinstance(value, bool), None, value, of)
        if not of.holds(value):
            raise ValueError(f"{value} does not fit {of}")
        return int(value)

    def _enter_float(self, of: FloatType, value: Any) -> float:
        _need(isinstance(value, int | float), None, value, of)
        rounded = self._program.namespace["bare_round_f32"](value) if of.bits == 32 else value
        return float(rounded)

    def _enter_enum(self, of: EnumType, value: Any) -> int:
        if int(value) not in self._program.ir.enums[of.name].members.values():
            raise ValueError(f"{value} is not a member of {of}")
        return int(value)

    def _enter_span(
        self, of: SpanType | ArrayType, value: Any, lent: list[tuple[list[Any], Any]] | None
    ) -> Any:
        letter = scalar_format(of.element)
        if isinstance(value, ElementSpan | ElementList):
            return value
        if letter is None:
            made = ElementList([self.enter(of.element, item, lent) for item in value])
            made.stride = self._program.size_of(of.element)
            inside: Any = ElementSpan(made, 0, len(made)) if isinstance(of, SpanType) else made
        elif isinstance(value, list | tuple):
            inside = make_scalars(letter, len(value))
            for index, item in enumerate(value):
                inside[index] = self.enter(of.element, item)
        else:
            view = memoryview(value)
            inside = view if view.format == letter else as_format(view, letter)
        if isinstance(value, list) and lent is not None:
            lent.append((value, inside))
        return inside

    def _enter_callable(self, of: CallableType, value: Any) -> Any:
        inside = self._program.inside_of(value)
        if inside is not None:
            return inside

        def adapter(*arguments: Any) -> Any:
            outside = [
                self.leave(kind, item) for kind, item in zip(of.parameters, arguments, strict=True)
            ]
            return self.enter(of.result, value(*outside))

        return adapter

    # --- structs

    def field_property(self, field: Field) -> property:
        """Makes the public descriptor of a field: it converts and checks."""
        slot = f"slot_{field.name}"

        def get(target: Object) -> Any:
            return self.leave(field.type, getattr(target, slot))

        def put(target: Object, value: Any) -> None:
            if field.embedded:
                raise TypeError(f"{field.name} is embedded: set its parts")
            inside = self.enter(field.type, value)
            if field.bit_width and inside >> field.bit_width not in (0, -1):
                raise ValueError(f"{value} does not fit {field.bit_width} bits")
            setattr(target, slot, inside)

        return property(get, put)

    def add_methods(self, cls: type[Object], struct: Struct) -> None:
        """Gives a class its methods, wrapped for callers outside."""
        for name, function in self._program.methods_of(struct.name).items():
            if name == "__init__":
                continue
            outside = self.function(function, self._program.reference(function.symbol))
            is_static = self._program.is_static(function)
            type.__setattr__(cls, name, staticmethod(outside) if is_static else outside)

    def initialise(self, target: Object, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
        """Constructs an object from outside: by its `__init__`, else from its fields."""
        struct = type(target).bare_struct
        target.bare_fill({})
        initializer = self._program.initializer_of(struct.name)
        if initializer is not None:
            raw = self._program.reference(initializer.symbol)
            self.function(initializer, raw)(target, *arguments, **named)
            return
        fields = [name for name, field in struct.fields.items() if not field.embedded]
        values = dict(zip(fields, arguments, strict=False)) | named
        if len(arguments) > len(fields) or not values.keys() <= set(fields):
            raise TypeError(f"{type(target).__name__} has the fields {', '.join(fields)}")
        for name, value in values.items():
            setattr(target, name, value)


def _need(holds: bool, convert: Callable[[Any], Any] | None, value: Any, of: Type) -> Any:
    if not holds:
        raise TypeError(f"{value!r} is not a {of}")
    return value if convert is None else convert(value)


def _enter_value(value: Any) -> Any:
    """Takes the number of a register or of a block of registers."""
    for attribute in ("value", "address"):
        if hasattr(value, attribute):
            return getattr(value, attribute)
    return value


def _enter_bytes(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    view = memoryview(value)
    return value if isinstance(value, bytes) or view.format == "B" else view.cast("B")


def own_frames(traceback: types.TracebackType | None) -> list[types.TracebackType]:
    """Returns the entries of a traceback without this package's own."""
    entries: list[types.TracebackType] = []
    while traceback is not None:
        if not traceback.tb_frame.f_code.co_filename.startswith(MACHINERY):
            entries.append(traceback)
        traceback = traceback.tb_next
    return entries


def link(entries: list[types.TracebackType]) -> types.TracebackType | None:
    """Makes one traceback of entries."""
    linked: types.TracebackType | None = None
    for entry in reversed(entries):
        linked = types.TracebackType(linked, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return linked


def innermost(traceback: types.TracebackType | None) -> types.FrameType | None:
    """Returns the frame in which an exception was raised."""
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return None if traceback is None else traceback.tb_frame


def is_own(frame: types.FrameType | None, program: CheckedProgram) -> bool:
    """Whether a frame is generated code, or this package's serving it."""
    if frame is None:
        return False
    return frame.f_globals is program.namespace or inspect.getfile(frame.f_code).startswith(
        MACHINERY
    )
