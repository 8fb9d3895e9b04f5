"""Communication between processes. It must not know processes, only threads that wait."""
