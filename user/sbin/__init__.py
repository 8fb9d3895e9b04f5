"""Programs that the system itself starts: init and daemons."""
