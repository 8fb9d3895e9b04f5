"""What a device is to the kernel: interfaces, the device tree, the registry. Names no driver."""
