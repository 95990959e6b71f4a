"""Dropouts: units left out at random while training. Each returns a new Keras layer; give every place its own seed.

``rate`` is always the share of units that is dropped. Layers do nothing when the net predicts.
"""

from __future__ import annotations

from typing import Any

from bythebook.catalogue import technique
from bythebook.techniques.ranges import Share


@technique("dropout")
def dropout(_seed: int, rate: Share = 0.2) -> Any:
    """Drops units in every batch and scales the kept ones up, so that the expectation stays.

    Formula: 0 with chance rate, else x / (1 - rate)
    Prefer: when the net overfits; raise the rate for large layers; not with SELU.
    Source: Srivastava et al. 2014, JMLR 15; chapter 11, "Dropout".
    """
    from bythebook.techniques.dropout_layers import Dropout

    return Dropout(rate, seed=_seed)


@technique("dropout")
def alpha_dropout(_seed: int, rate: Share = 0.2) -> Any:
    """Drops units to SELU's negative limit and rescales all, so that mean and deviation stay.

    Formula: a * (x or -1.7581 with chance rate) + b, with a and b that restore mean 0 and deviation 1
    Prefer: for self-normalizing nets, the only dropout that keeps them so.
    Source: Klambauer et al. 2017, arXiv:1706.02515; chapter 11, "Dropout".
    """
    from bythebook.techniques.dropout_layers import AlphaDropout

    return AlphaDropout(rate, seed=_seed)
