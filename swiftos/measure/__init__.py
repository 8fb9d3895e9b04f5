"""Measurements of the built system: each boots guests and returns metrics for evidence records."""
