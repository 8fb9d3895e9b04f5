"""Tests that boot the built system under QEMU."""
