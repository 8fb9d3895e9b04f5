"""Reading GGUF files: metadata, tensors and tokenizer of models of the Llama family.

Owns: what the format's bytes mean, and whether a file is what the engine can run. It must not know
files or the engine's arithmetic: it is handed bytes, and fills the structures of `user/lib/llm`.
"""
