"""User space: programs at EL0 and their library. It knows the kernel only through `abi`."""
