"""Serving completions: what a request asks for, generations, and what is answered.

It must not know sockets: `user/bin/llmd.py` moves the bytes and gives the time.
"""
