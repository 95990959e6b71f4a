"""Probes: what can be measured without images - a quadratic bowl, signals through untrained layers, four points of XOR.

Importing this package fills the register of :mod:`bythebook.probes.registry`. A probe is one registered function.
"""

from bythebook.probes import batch_norm, clipping, dropout, polynomials, propagation, quadratic, saving, symmetry, xor

__all__ = ["batch_norm", "clipping", "dropout", "polynomials", "propagation", "quadratic", "saving", "symmetry", "xor"]
