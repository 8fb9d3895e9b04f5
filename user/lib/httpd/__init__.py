"""The parts of `httpd`: one loop over many connections, each of them a small state machine.

Owns: sockets, files, timeouts and the log. What HTTP says is in `user.lib.http`. It must not hold
a thread up: every descriptor is non-blocking, and what cannot go on waits for its event.
"""
