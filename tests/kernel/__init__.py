"""Tests of the kernel on the host: the real source under `bare.load`, with faked hardware."""
