"""All tests. Each folder mirrors a part of the tree; `support` holds what they share."""
