"""From source text to typed IR: parse, import for constants, resolve names, check types,
diagnostics.

It must not know how code is generated.
"""
