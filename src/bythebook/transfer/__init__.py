"""Transfer studies: whether, and by how much, layers that were trained on other labels help a small task B."""
