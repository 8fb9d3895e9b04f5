"""Addresses, names, DHCP and echo requests of programs, against peers built independently."""
