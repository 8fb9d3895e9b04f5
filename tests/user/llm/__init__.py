"""The language model engine on the host: the very source of the guest, checked and compiled."""
