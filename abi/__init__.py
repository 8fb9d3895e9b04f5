"""The contract between kernel and programs: system calls, their structures, numbers and limits.

Everything here is declared once; dispatch, stubs and the reference derive from it. It knows nothing
of how the kernel works and imports only `bare`.
"""
