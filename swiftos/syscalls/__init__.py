"""Writes what derives from the one list of system calls: dispatch, stubs, manual. It reads `abi/`
and knows neither side's code."""
