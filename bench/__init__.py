"""Long measurements and searches that tests only sample."""
