"""Data sets of the user's own: a folder of images, arrays, or a table, read as they are and checked."""
