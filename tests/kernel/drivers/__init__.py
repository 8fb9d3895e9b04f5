"""Drivers against fakes of their devices."""
