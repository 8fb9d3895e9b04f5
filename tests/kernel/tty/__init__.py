"""Terminals: the line discipline against a model."""
