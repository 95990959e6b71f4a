"""The report's figures: each function draws one and returns it as SVG text."""
