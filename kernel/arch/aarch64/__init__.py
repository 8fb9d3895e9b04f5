"""AArch64: start, vectors, context, page tables, system registers. Knows only `kernel/lib`."""
