"""Pure data structures: lists, rings, heaps, the log's text. No hardware, no locks."""
