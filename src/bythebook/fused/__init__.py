"""Compiled epochs: Keras' ``fit`` with every epoch as one call that XLA compiled as a whole. Knows no recipes."""
