"""The parts of `llmd`, the server of completions: its connections, its slots, its loop."""
