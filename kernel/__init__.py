"""The kernel: Bare Python only. `main.py` builds it; imports point downward."""
