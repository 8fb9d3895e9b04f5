"""Time: the clocks and the queue of one-shot timers. Knows no thread; timers call back."""
