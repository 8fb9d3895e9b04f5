"""The language model engine: a Llama-2 forward pass in f32, its tokenizer and its sampler.

Owns: reading llama2.c version-0 weights and tokenizer files that are mapped into memory, the
arithmetic, and the choice of the next token. It must not know files, system calls or the console:
callers hand it bytes and an allocator, so that the same source runs on the host in tests.
"""
