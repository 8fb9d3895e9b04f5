"""Rules for the named operations of the vocabulary, one file a family.

`compiler/ir/intrinsics.py` defines them.
"""
