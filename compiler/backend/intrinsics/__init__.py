"""Rules for the named operations of the vocabulary, one file a family; `ir/intrinsics.py` defines them."""
