"""id - print who the caller is.

usage: id

Prints principal, session and capabilities as the kernel holds them.
"""

from __future__ import annotations

from abi.system import SecurityInfo
from bare import errno_of, i32, text
from user.lib import sys
from user.lib.arguments import Arguments, refuse_arguments
from user.lib.principals import Principals
from user.lib.report import report_error


def main(arguments: Arguments) -> i32:
    """Prints one line, with the principal's name where /etc/swos/passwd knows it."""
    refuse_arguments(arguments)
    info = SecurityInfo()
    try:
        sys.security_info(0, info)
    except OSError as error:
        report_error(b"identity", errno_of(error))
        return 1
    principals = Principals()
    principals.load()
    name = principals.name_of(info.principal)
    print(f"principal={info.principal}", end="")
    if len(name) > 0:
        print(f"({text(name)})", end="")
    print(f" session={info.login_session} caps={info.capabilities:#x}")
    return 0
