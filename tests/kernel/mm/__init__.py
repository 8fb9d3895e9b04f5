"""Tests of memory management."""
