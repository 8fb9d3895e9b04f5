"""Tests of device interfaces."""
