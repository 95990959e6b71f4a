"""Searches over a guideline's space: Optuna studies that give the same bytes however they are run or killed."""
