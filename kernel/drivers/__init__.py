"""Drivers, one device a file, by class. Nobody imports them but the board's table."""
