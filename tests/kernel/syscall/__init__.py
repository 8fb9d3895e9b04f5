"""What system calls compute before they act."""
