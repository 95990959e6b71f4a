"""Ways to predict with trained weights: many passes with dropout, batch norm folded away, tiny weights left out."""
