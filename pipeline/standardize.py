"""Splits a dataset and measures its pixels. Reads data/raw/<dataset>, writes data/standardized and data/cards."""

from bythebook.datasets.preview import write_showcase
from bythebook.datasets.registry import find
from bythebook.datasets.standardize import SplitPlan, standardize
from bythebook.datasets.user.raw import own_dataset
from pipeline import stage


def main(dataset: str) -> None:
    """Writes the three splits, the statistics, the fingerprints and the data card."""
    params = stage.params()
    declared = params.declared(dataset)
    found = own_dataset(stage.RAW, dataset) if declared.source else find(dataset)
    out = stage.standardized(dataset)
    standardize(found, stage.RAW, out, SplitPlan(**declared.splits), params.standardize.min_deviation)
    write_showcase(out, stage.CARDS / dataset)


if __name__ == "__main__":
    stage.run(main)
