"""Credentials: authority that only shrinks."""
