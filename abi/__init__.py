"""The kernel-user contract and the on-disk formats, declared once; it knows neither side."""
