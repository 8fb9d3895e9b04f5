"""Tests of pure data structures: the byte ring."""
