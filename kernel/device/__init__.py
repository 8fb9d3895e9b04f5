"""Interfaces that drivers implement, and the registry that finds drivers. No hardware here."""
