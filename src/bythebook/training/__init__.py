"""Training one model: the loops, the order of the data and what it reports."""
