"""Pages of docs/reference, written from the declarations: docstrings, click, log calls, constants.
`swiftos/generate.py` writes them, and a test keeps them up to date."""
