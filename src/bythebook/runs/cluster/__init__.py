"""Workers of a Ray cluster: what only machines need that share no folder with the stage."""
