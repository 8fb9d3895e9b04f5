"""Simulations: two ends of real protocol code over a simulated link, by seed."""
