"""Tests of the network stack on the host."""
