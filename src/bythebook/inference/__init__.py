"""Ways to predict with trained weights: many passes with dropout, and batch normalization folded away."""
