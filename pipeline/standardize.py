"""Splits a dataset and measures its pixels. Reads data/raw/<dataset>, writes data/standardized and data/cards."""

from bythebook.datasets.registry import find
from bythebook.datasets.showcase import write_showcase
from bythebook.datasets.standardize import Plan, standardize
from pipeline import stage


def main(dataset: str) -> None:
    """Writes the three splits, the statistics, the fingerprints and the data card."""
    params = stage.params()
    plan = Plan(**params.splits_of(dataset).model_dump())
    out = stage.standardized(dataset)
    standardize(find(dataset), stage.RAW, out, plan, params.standardize.min_deviation)
    write_showcase(out, stage.CARDS / dataset)


if __name__ == "__main__":
    stage.run(main)
