"""Every diagnostic code: what it is called, what causes it, what cures it.

Groups: E00 modules and imports, E01 statements and syntax, E02 names, E03 types and conversions,
E04 structs and layout, E05 lifetimes, E06 control flow, E07 errors, E08 functions and generics,
E09 registers and unsafe code.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of diagnostic."""

    title: str
    cause: str
    cure: str


CODES: dict[str, Code] = {
    # E00: modules and compile time
    "E0001": Code(
        "syntax error",
        "The file is not Python 3.11.",
        "correct the syntax",
    ),
    "E0002": Code(
        "module not found",
        "An import names a module that is not under the source root and not importable.",
        "check the module's name and folder",
    ),
    "E0003": Code(
        "module level failed",
        "The module was imported for its constants and raised an exception.",
        "correct the module-level code; it runs as ordinary Python when the program is compiled",
    ),
    "E0004": Code(
        "import refused",
        "Bare Python imports modules of the program, `bare` and the compile-time modules, by "
        "name and at "
        "module level. Other modules exist only while the program is compiled.",
        "compute what you need at module level and keep it in a constant",
    ),
    "E0005": Code(
        "not a constant",
        "A module-level name is used whose value is not a constant of Bare Python.",
        "use an integer, float, bool, str, bytes, enum member, tuple, struct instance, function or "
        "type",
    ),
    # E01: statements and syntax
    "E0101": Code(
        "statement not in Bare Python",
        "Bare Python has no nested functions or classes, generators, async, lambda, "
        "comprehensions or `del`.",
        "write it with functions, classes and loops at module level",
    ),
    "E0102": Code(
        "expression not in Bare Python",
        "This kind of expression has no meaning without a heap and a garbage collector.",
        "write it with the types of Bare Python",
    ),
    "E0103": Code(
        "no mutable global state",
        "A module-level name is a constant; a function may not rebind it.",
        "keep mutable state in a struct that `main` creates and passes down",
    ),
    "E0104": Code(
        "decorator refused",
        "A decorator replaced the function by something else, or is not known at this place.",
        "use the decorators of `bare`, or one that returns the function itself",
    ),
    # E02: names
    "E0201": Code(
        "unknown name",
        "The name is not a local, not at module level and not in the vocabulary.",
        "import or define it",
    ),
    "E0202": Code(
        "used before assignment",
        "On some path to this place the local has no value.",
        "assign it on every path first",
    ),
    "E0203": Code(
        "unknown attribute",
        "The type has no field or method of this name.",
        "check the spelling and the type",
    ),
    "E0204": Code(
        "not a value",
        "The name stands for a type, module or vocabulary function, which cannot be stored.",
        "call it, or use its value",
    ),
    # E03: types and conversions
    "E0301": Code(
        "type mismatch",
        "The value's type does not convert implicitly to the one wanted.",
        "use a value of the wanted type",
    ),
    "E0302": Code(
        "`int` and `float` are not types here",
        "Bare Python's numbers have a width.",
        "write a sized type, such as `u32`, `i64`, `usize` or `f64`",
    ),
    "E0303": Code(
        "implicit narrowing",
        "The wanted type cannot hold every value of this one.",
        "write the conversion: `T(x)` traps when the value does not fit, `wrap_T(x)` takes the "
        "low bits",
    ),
    "E0304": Code(
        "operands of different types",
        "Arithmetic and comparison take two operands of one type, and neither converts "
        "implicitly to the other.",
        "convert one operand explicitly",
    ),
    "E0305": Code(
        "constant out of range",
        "The constant is not a value of the wanted type.",
        "use a wider type or another constant",
    ),
    "E0306": Code(
        "operator not defined for this type",
        "The type does not have this operator.",
        "use a function or a conversion that says what is meant",
    ),
    "E0307": Code(
        "condition is not a bool",
        "Conditions, `and`, `or` and `not` take `bool` only.",
        "write the comparison, such as `x != 0` or `x is not None`",
    ),
    "E0308": Code(
        "`/` on integers",
        "Division of integers with `/` would give a float.",
        "use `//`, or convert to `f64` first",
    ),
    "E0309": Code(
        "`~` on an unsigned integer",
        "Python's `~x` is negative, which an unsigned type cannot hold.",
        "use `invert(x)`",
    ),
    "E0310": Code(
        "a local has one type",
        "The value assigned does not convert to the type that the local got from its first "
        "assignment.",
        "annotate the first assignment, or use another name",
    ),
    "E0311": Code(
        "possibly None",
        "The reference may be None here.",
        "copy it to a local and test it with `is not None` first",
    ),
    "E0312": Code(
        "type not known",
        "Nothing says what type the value has.",
        "annotate the assignment",
    ),
    "E0313": Code(
        "invalid type",
        "The annotation is not a type of Bare Python.",
        "see docs/bare-python.md, sections 2 to 6",
    ),
    "E0314": Code(
        "FormatStr kept",
        "A FormatStr lives in its maker's frame; it may only be passed on as an argument.",
        "pass the f-string where it is written",
    ),
    "E0315": Code(
        "format field",
        "The format specification does not fit the value.",
        "integers take `d x X o b c`, floats `.Nf`, text a width; convert first where needed",
    ),
    "E0316": Code(
        "str has no length or index",
        "`str` is text, not a sequence of bytes.",
        "use `encode(s)` for its bytes",
    ),
    "E0317": Code(
        "structs are compared with `is`",
        "`==` on structs has no meaning.",
        "use `is`, or compare fields",
    ),
    # E04: structs
    "E0401": Code(
        "whole assignment of an embedded object",
        "An embedded struct or array is storage, not a reference; assigning it would be a hidden "
        "copy.",
        "use `a.copy_from(b)`",
    ),
    "E0402": Code(
        "layout",
        "The struct's layout contradicts itself or what it asserts.",
        "correct the field, the size or the alignment",
    ),
    "E0403": Code(
        "constructor arguments",
        "The arguments do not match the fields or `__init__`.",
        "give each field without a default once",
    ),
    "E0404": Code(
        "abstract class constructed",
        "The class has abstract methods.",
        "construct a class that implements them",
    ),
    "E0405": Code(
        "invalid class",
        "The class is not a struct, enum, register or register block of Bare Python.",
        "decorate it with `@struct`, and give it at most one base",
    ),
    "E0406": Code(
        "override differs",
        "An overriding method has to take and return what the base method does.",
        "use the same parameters and result",
    ),
    "E0407": Code(
        "isinstance without a vtable",
        "Only objects of classes with overridden methods know their class.",
        "add a kind field, or override a method",
    ),
    # E05: lifetimes
    "E0501": Code(
        "frame object returned",
        "The object lives in this function's frame and is gone when it returns.",
        "let the caller make the object and pass it in, or allocate it",
    ),
    "E0502": Code(
        "frame object stored",
        "The object lives in this function's frame; what it is stored in lives longer.",
        "allocate the object, or embed it with `inline()`",
    ),
    "E0503": Code(
        "frame object passed to a call that keeps it",
        "The called function stores or returns this parameter, so the frame object would outlive "
        "its frame.",
        "allocate the object, or keep it in something that lives in the same frame",
    ),
    "E0504": Code(
        "object of an earlier turn kept",
        "A constructor in a loop makes its object anew at each turn, in the same place. A "
        "reference from an earlier turn would now mean the new object.",
        "make the object before the loop, allocate it, or keep a copy of its values",
    ),
    # E06: control flow
    "E0601": Code(
        "match is not exhaustive",
        "A `match` on an enum has to cover every member.",
        "add the missing members or `case _:`",
    ),
    "E0602": Code(
        "pattern",
        "Patterns are constants of the subject's type, `|` of such, and `_`.",
        "use `if` for anything else",
    ),
    "E0603": Code(
        "not iterable",
        "`for` takes range, spans, arrays, tables, Bytes, enumerate, zip, and objects with "
        "`__iter__`.",
        "walk a range, a span, a table, or an object with `next_item`",
    ),
    "E0604": Code(
        "missing return",
        "The function has a result but its end can be reached.",
        "return a value on every path",
    ),
    "E0605": Code(
        "statement outside its place",
        "`break` and `continue` belong in loops, bare `raise` in an except clause.",
        "move the statement",
    ),
    # E07: errors
    "E0701": Code(
        "undeclared error",
        "The function may end with an error that its `@raises` does not declare.",
        "declare it with `@raises`, or handle it with `try`",
    ),
    "E0702": Code(
        "except",
        "Only `OSError` is caught, by one clause.",
        "write `except OSError as error:` and test `error.errno`",
    ),
    "E0703": Code(
        "raise",
        "Only `OSError` with an error number can be raised.",
        "write `raise OSError(ENOENT)`",
    ),
    "E0704": Code(
        "override raises more",
        "An override may raise only what the base method declares.",
        "declare the error on the base method, or handle it",
    ),
    "E0705": Code(
        "fallible function as an infallible callable",
        "Calls through `Callable` do not look for an error.",
        "use `Fallible[Callable[...]]`",
    ),
    # E08: functions and generics
    "E0801": Code(
        "missing annotation",
        "Parameters and results are annotated.",
        "annotate it",
    ),
    "E0802": Code(
        "call arguments",
        "The arguments do not match the parameters.",
        "pass each parameter once",
    ),
    "E0803": Code(
        "not callable",
        "The value is not a function.",
        "call a function, method, class or Callable",
    ),
    "E0804": Code(
        "type arguments",
        "The type parameters cannot be inferred or do not fit their bound.",
        "give them explicitly, as in `Pool[Task](...)`",
    ),
    "E0805": Code(
        "result not used as declared",
        "The function's result does not fit.",
        "return what the annotation says",
    ),
    # E09: registers, SIMD, unsafe
    "E0901": Code(
        "register access",
        "The register does not allow this access.",
        "see the access mode in its block: `ro`, `wo` or `rw`",
    ),
    "E0902": Code(
        "constant wanted",
        "This argument has to be a constant of compile time.",
        "use a literal or a module-level constant",
    ),
    "E0903": Code(
        "print in the kernel",
        "The kernel has no standard output.",
        "use the log",
    ),
}
