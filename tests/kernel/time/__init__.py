"""Tests of clocks and timers."""
