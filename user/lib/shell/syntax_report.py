"""What the shell says about a text that is not its language."""

from __future__ import annotations

from abi.errno import EINVAL, ENODATA
from bare import i32, text, u64
from user.lib.report import report, report_error
from user.lib.shell.characters import NEWLINE
from user.lib.shell.parser import Parser


def report_syntax(parser: Parser, error: i32) -> None:
    """Says what is wrong with a text, and in which line of a longer one."""
    line = line_of(parser)
    if error == ENODATA:
        report("syntax error: unexpected end of file")
    elif error == EINVAL and parser.is_unexpected and line > 1:
        report(f"syntax error in line {line}: unexpected '{text(parser.message)}'")
    elif error == EINVAL and parser.is_unexpected:
        report(f"syntax error: unexpected '{text(parser.message)}'")
    elif error == EINVAL and line > 1:
        report(f"syntax error in line {line}: {text(parser.message)}")
    elif error == EINVAL:
        report(f"syntax error: {text(parser.message)}")
    else:
        report_error(b"cannot parse", error)


def line_of(parser: Parser) -> u64:
    """Returns the line, counted from 1, in which the token at hand begins."""
    line: u64 = 1
    for byte in parser.text[: min(parser.start, len(parser.text))]:
        if byte == NEWLINE:
            line += 1
    return line
