"""The kinds of comparison that a claim can be made of, by name: one class each."""

from __future__ import annotations

from collections.abc import Mapping

from bythebook.claims.comparison import Comparison
from bythebook.claims.grids import Largest, Near, Window
from bythebook.claims.pairs import Difference, Equal, Level, Ratio, Share
from bythebook.claims.studies import Standout, Tasks
from bythebook.claims.trends import Order, Slope, Sooner, Steadier

KINDS: Mapping[str, type[Comparison]] = {
    kind.__name__.lower(): kind
    for kind in (
        *(Difference, Ratio, Equal, Level, Share, Order, Slope, Sooner, Steadier, Window, Largest, Near),
        *(Tasks, Standout),
    )
}
