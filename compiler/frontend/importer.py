"""Run in a clean interpreter: imports modules and describes what module level computed.

Usage: `python -I importer.py ROOT... -- WANTED... -- MODULE...`, dependencies first, writes to
standard output a marshalled dict: module name -> description, or `("failed", type, message,
file, line)`. It imports nothing of the compiler. The description of a value is a tuple whose
first item says its kind:

    ("none",) ("bool", b) ("int", i) ("float", f) ("str", s) ("bytes", b) ("enum", class, member,
    value) ("tuple", items) ("struct", number) ("struct_of", module, name) ("function", module,
    qualname) ("class", module, qualname) ("module", name) ("array", length) ("field", kind,
    width, offset, big_endian, default) ("missing",) ("register_field", kind, numbers, type)
    ("other", description)

Under `CHANGED` are the structs whose layout changed after module level had asked for it.

Struct instances are listed once for each module that binds them, so that references keep their
identity.
"""

from __future__ import annotations

import enum
import importlib
import marshal
import sys
import traceback
import types
from typing import Any

Value = tuple[Any, ...]
CHANGED = "changed layouts"
"""Key of the answer that belongs to no module."""


class Describer:
    """Describes the names of one module."""

    def __init__(self, module: types.ModuleType, owners: dict[int, tuple[str, str]]) -> None:
        self.module = module
        self.owners = owners
        self.objects: list[Value] = []
        self.numbers: dict[int, int] = {}
        self.kept: list[Any] = []

    def describe(self) -> dict[str, Any]:
        """Names, classes and functions of the module."""
        names: dict[str, Value] = {}
        classes: dict[str, Any] = {}
        functions: dict[str, Any] = {}
        for name, value in list(vars(self.module).items()):
            if name.startswith("__"):
                continue
            names[name] = self.value(value)
            if getattr(value, "__module__", None) != self.module.__name__:
                continue
            if isinstance(value, type):
                classes[name] = self.class_facts(value, functions)
            elif isinstance(value, types.FunctionType):
                functions[name] = self.function_facts(value)
        return {
            "names": names,
            "classes": classes,
            "functions": functions,
            "objects": self.objects,
        }

    def value(self, value: Any) -> Value:
        """One value."""
        if value is None:
            return ("none",)
        if isinstance(value, enum.Enum) and not isinstance(value, type):
            owner = type(value)
            if isinstance(value, int):
                return ("enum", f"{owner.__module__}.{owner.__qualname__}", value.name, int(value))
            return ("other", f"a member of {owner.__qualname__}")
        if isinstance(value, bool):
            return ("bool", value)
        if isinstance(value, int):
            return ("int", int(value))
        if isinstance(value, float):
            return ("float", float(value))
        if isinstance(value, str):
            return ("str", str(value))
        if isinstance(value, bytes | bytearray):
            return ("bytes", bytes(value))
        if isinstance(value, tuple | list):
            return ("tuple", tuple(self.value(item) for item in value))
        return self.object_value(value)

    def object_value(self, value: Any) -> Value:
        """A function, class, module, array, field specifier or struct instance."""
        if isinstance(value, types.FunctionType | types.MethodType):
            return ("function", value.__module__, value.__qualname__)
        if isinstance(value, type):
            return ("class", value.__module__, value.__qualname__)
        if isinstance(value, types.ModuleType):
            return ("module", value.__name__)
        kind = type(value)
        if hasattr(kind, "__struct_defaults__"):
            return self.struct_value(value)
        if kind.__module__.startswith("bare."):
            return self.vocabulary_value(value)
        origin = getattr(value, "__origin__", None)
        if isinstance(origin, type):
            return ("class", origin.__module__, origin.__qualname__)
        return ("other", f"a value of type {kind.__name__}")

    def vocabulary_value(self, value: Any) -> Value:
        """An array, a field specifier or a register field."""
        name = type(value).__name__
        if name == "FieldSpecifier":
            default = self.value(value.default) if not is_missing(value.default) else ("missing",)
            return ("field", value.kind, value.width, value.offset, value.big_endian, default)
        if name in ("Array", "ArrayField"):
            items = list(value) if name == "Array" else []
            length = len(value) if name == "Array" else value.length
            return ("array", length, tuple(self.value(item) for item in items))
        if is_missing(value):
            return ("missing",)
        attributes = getattr(value, "__facts__", None)
        if attributes is not None:
            facts = tuple((key, self.value(item)) for key, item in sorted(attributes().items()))
            return ("vocabulary", name, facts)
        return ("other", f"a value of type {name}")

    def struct_value(self, value: Any) -> Value:
        """A struct instance: by the name that another module gave it, or by its number here."""
        module, name = self.owners.get(id(value), ("", ""))
        if module and module != self.module.__name__:
            return ("struct_of", module, name)
        return ("struct", self.struct_number(value))

    def struct_number(self, value: Any) -> int:
        """The number of a struct instance in `objects`."""
        known = self.numbers.get(id(value))
        if known is not None:
            return known
        number = len(self.objects)
        self.numbers[id(value)] = number
        self.kept.append(value)
        self.objects.append(())
        kind = type(value)
        fields = tuple(
            (name, self.value(getattr(value, name)))
            for name in kind.__struct_defaults__
            if hasattr(value, name)
        )
        self.objects[number] = (f"{kind.__module__}.{kind.__qualname__}", fields)
        return number

    def class_facts(self, cls: type, functions: dict[str, Any]) -> dict[str, Any]:
        """Bases, field defaults, options, enum members and methods of a class."""
        for name, member in vars(cls).items():
            function = getattr(member, "__func__", member)
            if isinstance(function, types.FunctionType):
                functions[f"{cls.__name__}.{name}"] = self.function_facts(function)
        facts: dict[str, Any] = {
            "bases": [class_name(base) for base in cls.__mro__[1:]],
        }
        defaults = getattr(cls, "__struct_defaults__", None)
        if defaults is not None:
            facts["defaults"] = {
                name: ("missing",) if is_missing(item) else self.value(item)
                for name, item in defaults.items()
            }
        options = cls.__dict__.get("__struct_options__")
        if options is not None:
            facts["options"] = {
                name: getattr(options, name) for name in ("size", "packed", "align")
            }
        if issubclass(cls, enum.Enum):
            facts["members"] = [(item.name, int(item.value)) for item in list(cls)]
        if is_derived(cls, "bare.registers.Register"):
            facts["register"] = register_facts(cls)
        if is_derived(cls, "bare.registers.MmioBlock"):
            facts["mmio"] = mmio_facts(cls)
        facts["class_values"] = {
            name: self.value(item)
            for name, item in vars(cls).items()
            if not name.startswith("__") and not callable(item)
        }
        return facts

    def function_facts(self, function: types.FunctionType) -> dict[str, Any]:
        """What decorators left on a function, and its default values."""
        extra = {
            name: value if isinstance(value, str | int | bool) else self.value(value)
            for name, value in vars(function).items()
            if name.startswith("__") and not name.startswith("__type") and name != "__wrapped__"
        }
        keyword_defaults = function.__kwdefaults__ or {}
        return {
            "line": function.__code__.co_firstlineno,
            "extra": extra,
            "defaults": tuple(self.value(item) for item in function.__defaults__ or ()),
            "keyword_defaults": {name: self.value(item) for name, item in keyword_defaults.items()},
        }


def is_derived(cls: type, base: str) -> bool:
    """Whether `cls` derives the vocabulary's class `base`, not being it."""
    names = [f"{item.__module__}.{item.__qualname__}" for item in cls.__mro__[1:]]
    return base in names


def class_name(value: Any) -> str | None:
    """The qualified name of a class, None for None."""
    return None if value is None else f"{value.__module__}.{value.__qualname__}"


def register_facts(cls: Any) -> dict[str, Any]:
    """Width and fields of a register: (name, high, low, enum class, is a bit)."""
    fields = [
        (name, item.high, item.low, class_name(getattr(item, "value_type", None)),
         type(item).__name__ == "Bit")
        for name, item in vars(cls).items()
        if type(item).__name__ in ("Bit", "Bits")
    ]  # fmt: skip
    return {"width": cls.width, "fields": fields}


def mmio_facts(cls: Any) -> dict[str, Any]:
    """Size and registers of a block: (name, offset, type, access, count, stride)."""
    fields = []
    for name, item in vars(cls).items():
        if type(item).__name__ == "Placed":
            access = str(item.access)
            kind = next(mode for mode in ("ReadOnly", "WriteOnly", "ReadWrite") if mode in access)
            fields.append(
                (name, item.offset, class_name(item.register_type), kind, item.count, item.stride)
            )
    return {"size": cls.size, "fields": fields}


def is_missing(value: Any) -> bool:
    """Whether `value` is the vocabulary's marker for "no default"."""
    structs = sys.modules.get("bare.structs")
    return structs is not None and value is structs.MISSING


def failure(error: BaseException, roots: list[str]) -> Value:
    """Describes the exception that ended an import: the innermost place under a root."""
    place = ("", 0)
    for frame in traceback.extract_tb(error.__traceback__):
        if any(frame.filename.startswith(root) for root in roots) and frame.lineno:
            place = (frame.filename, frame.lineno)
    message = str(error)
    if isinstance(error, SyntaxError) and error.filename:
        message, place = error.msg, (error.filename, error.lineno or 1)
    return ("failed", type(error).__name__, message, *place)


def changed_layouts() -> list[str]:
    """The structs whose layout was asked for at module level and changed afterwards."""
    layout = sys.modules.get("bare.layout")
    if layout is None:
        return []
    return [f"{cls.__module__}.{cls.__qualname__}" for cls in layout.changed_structs()]


def find_owners(names: list[str]) -> dict[int, tuple[str, str]]:
    """Which module, the first that binds it, names each struct instance."""
    owners: dict[int, tuple[str, str]] = {}
    for name in names:
        module = sys.modules.get(name)
        for binding, value in vars(module).items() if module is not None else ():
            if hasattr(type(value), "__struct_defaults__"):
                owners.setdefault(id(value), (name, binding))
    return owners


def main(arguments: list[str]) -> None:
    """Imports the modules and writes the descriptions of those that are wanted."""
    first = arguments.index("--")
    second = arguments.index("--", first + 1)
    roots, wanted, names = arguments[:first], arguments[first + 1 : second], arguments[second + 1 :]
    sys.path[:0] = roots
    sys.dont_write_bytecode = True
    output = sys.stdout.buffer
    sys.stdout = sys.stderr
    result: dict[str, Any] = {}
    for name in names:
        try:
            importlib.import_module(name)
        except BaseException as error:
            result[name] = failure(error, roots)
    owners = find_owners(names)
    for name in wanted:
        if name not in result:
            result[name] = Describer(sys.modules[name], owners).describe()
    answer: dict[str, Any] = {name: result[name] for name in wanted}
    answer[CHANGED] = changed_layouts()
    output.write(marshal.dumps(answer, 4))
    output.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
