"""Tests of what is between the stack and a device: ARP and frames."""
