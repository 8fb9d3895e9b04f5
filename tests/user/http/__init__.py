"""The HTTP library on the host: the very source of the guest, checked and compiled."""
