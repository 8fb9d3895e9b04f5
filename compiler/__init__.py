"""The Bare Python compiler: typed Python to checked IR to machine code.

`frontend` reads modules and types them, `ir` is the tree that it hands on, `lower` holds the
passes over that tree, `backend` turns it into objects. Nothing here knows the kernel or a program.
"""
