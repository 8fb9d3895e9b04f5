"""TCP against itself: Bare Python compiled for the host, with a link that loses and mixes up.

`python -m tests.sim.tcp --seeds 10000` runs that many scenarios, `--seed N` one again with a trace,
`--goodput` the table of goodput by loss.
"""
