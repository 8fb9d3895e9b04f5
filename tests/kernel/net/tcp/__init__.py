"""Tests of TCP: scripts of segments in and segments out, and its parts by themselves."""
