"""Mutual exclusion below the scheduler: interrupt masking, spin locks and their order."""
