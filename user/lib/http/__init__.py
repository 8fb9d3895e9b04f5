"""The server side of HTTP/1.1 (RFC 9110, RFC 9112): bytes in, events and bytes out.

Owns: reading requests, writing responses, and what follows from their fields: conditions, ranges,
dates, paths, media types, listings. It must not know sockets, files, system calls or the time:
callers hand it bytes, descriptions of files and seconds, so that it runs the same on the host.

How to use it: `receiver.RequestReceiver` for what comes in, `response.Response` for what goes out.
"""
