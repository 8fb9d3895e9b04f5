"""What programs share: system calls, streams, arguments, paths, memory. Imports only `abi` and `bare`."""
