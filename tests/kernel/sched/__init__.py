"""Run queues and wait queues."""
