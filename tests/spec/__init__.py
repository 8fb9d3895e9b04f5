"""What each command prints: one `NAME.spec` file a command, run in the guest and by the host's tools."""
