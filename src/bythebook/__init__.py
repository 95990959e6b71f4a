"""Deep nets trained by the book: every experiment a tracked, repeatable run."""
