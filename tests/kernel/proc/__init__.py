"""Processes: ELF validation, signals, arguments."""
