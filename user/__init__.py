"""User space: programs at EL0 and the library they share. It knows the kernel only through `abi`."""
