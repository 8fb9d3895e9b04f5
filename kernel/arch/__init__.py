"""The processors that the kernel runs on, one folder each. Upper layers see names, not
instructions.
"""
