"""Brings a dataset's raw files here. Reads the mirror, the addresses or the user's source, writes data/raw."""

import os

from bythebook.datasets.download import download
from bythebook.datasets.own.gather import gather
from bythebook.datasets.own.source import Rules
from bythebook.datasets.registry import check_free, find
from pipeline import own, stage, watched


def main(dataset: str) -> None:
    """Fills the dataset's folder in data/raw with verified files, or with what the user's source holds."""
    params = stage.params()
    declared = params.datasets.get(dataset)
    if declared and declared.source:
        check_free(dataset)
        watched.check(stage.PARAMS, stage.WATCHED)
        gather(dataset, own.source(declared.source), Rules(**declared.rules), stage.RAW)
        return
    mirror = os.environ.get("BYTHEBOOK_MIRROR") or params.mirror
    download(find(dataset), stage.RAW, downloads=stage.DOWNLOADS, mirror=mirror, bar=True)


if __name__ == "__main__":
    stage.run(main)
