"""Commands, one a file: the module docstring is the help text, `main` is the program."""
