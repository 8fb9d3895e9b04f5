"""The contract between kernel and programs."""
