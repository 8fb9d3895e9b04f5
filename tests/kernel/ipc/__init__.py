"""Pipes against a model."""
