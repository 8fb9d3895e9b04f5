"""The packed base image, read-only, as `abi/baseimage.py` lays it out.

Nothing in an image is trusted: all metadata is hashed and every number in it checked at the mount,
data pages are checked when they are read. What is wrong gives a message, never a trap.
"""
