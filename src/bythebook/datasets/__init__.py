"""Labelled images: where they come from, how they are split, scaled and divided into tasks."""
