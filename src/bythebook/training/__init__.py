"""Training one model: the engine, its data order and what it reports."""
