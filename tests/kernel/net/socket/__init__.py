"""Tests of the socket layer's queues and tables, without a machine."""
