"""Tests of clock drivers."""
