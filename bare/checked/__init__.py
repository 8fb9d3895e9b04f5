"""The checked execution of Bare Python in CPython, behind `bare.load`.

The compiler's front end types a program; its IR is turned back into Python functions whose every
operation checks width, bounds, null and lifetime, with the lines and columns of the source.
Nothing here knows the kernel or the programs.
"""
