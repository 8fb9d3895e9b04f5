"""The parts of `/bin/sh`. Parser, printer, patterns, arithmetic and the line editor's core are
pure: they know no system call, so that the host tests them.
"""
