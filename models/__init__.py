"""The language models that ship in the image, and the host tools that make and check them.

Owns: the trainer (`train.py`), its parts (`data.py`, `network.py`, `muon.py`, `evaluate.py`),
the exporter (`export.py`), the independent f64 engine (`reference.py`) and the golden files made
with it (`golden.py`). Each shipped model has a folder of its own with weights, tokenizer,
manifest and card. Nothing here runs in the guest, and the guest's engine shares no code with it.
"""
