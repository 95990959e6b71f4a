"""How fast the engine is, against what else could train the same nets: ``python -m benchmarks``, or ``make bench``.

Measuring and telling are separate: :mod:`benchmarks.__main__` measures into ``results.json``, and everything in
``RESULTS.md`` and ``plots/`` is rendered from that file.
"""
