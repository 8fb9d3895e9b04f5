"""Timers and clocks."""
