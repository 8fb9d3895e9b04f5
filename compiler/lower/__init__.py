"""Whole-program passes over the IR: one file a pass, composed in `compiler/pipeline.py`."""
