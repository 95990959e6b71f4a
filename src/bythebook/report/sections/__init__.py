"""The report's sections: each module turns what was read into what a template shows."""
