"""virtio with devices that are faked in Python."""
