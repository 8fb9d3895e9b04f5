"""The language's library, written in Bare Python: containers, pools, arenas and formatting.

Every module here compiles; none knows the kernel or the programs. Nothing allocates except from the
`Allocator` it was given.
"""
