"""Splits the dataset and measures its pixels. Reads data/raw, writes data/standardized."""

from bythebook.datasets.registry import find
from bythebook.datasets.standardize import Plan, standardize
from pipeline import stage


def main() -> None:
    """Writes the three splits, the statistics, the fingerprints and the data card."""
    params = stage.params()
    plan = Plan(**params.splits.model_dump())
    standardize(find(params.dataset), stage.RAW, stage.STANDARDIZED, plan, params.standardize.min_deviation)


if __name__ == "__main__":
    stage.run(main)
