"""The library of programs, run on the host by the checked execution."""
