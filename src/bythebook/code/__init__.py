"""The program's own source as a graph: which definitions a result can come from, and their digest."""
