"""What each command prints: one `NAME.spec` file a command, run in the guest and on the host."""
