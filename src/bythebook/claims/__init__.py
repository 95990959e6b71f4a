"""Which of the chapter's claims hold on these data: by how much, and how surely.

A claim is data: what is said, where, and the comparisons that decide it. Its verdict is computed from what runs and
probes measured, never written by hand.
"""
