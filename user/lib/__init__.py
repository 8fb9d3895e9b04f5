"""What programs share: calls, streams, arguments, paths, memory. Imports `abi` and `bare`."""
