"""What a choice costs in time, for the claims about it: ``python -m benchmarks.latency``, or ``make latency``.

It writes ``benchmarks/latency.json``, which the claims stage reads: clock times are measured here and nowhere in the
pipeline, whose outputs are the same bytes on every day.
"""
