"""Brings a dataset's raw files here. Reads the mirror, the addresses or the user's source, writes data/raw."""

import os

from bythebook.datasets.download import download
from bythebook.datasets.registry import check_free, find
from bythebook.datasets.user.gather import gather
from bythebook.datasets.user.source import Rules
from pipeline import stage, user_sources, watchlist


def main(dataset: str) -> None:
    """Fills the dataset's folder in data/raw with verified files, or with what the user's source holds."""
    params = stage.params()
    declared = params.datasets.get(dataset)
    if declared and declared.source:
        check_free(dataset)
        watchlist.check(stage.PARAMS, stage.WATCHED)
        gather(dataset, user_sources.source(declared.source), Rules(**declared.rules), stage.RAW)
        return
    mirror = os.environ.get("BYTHEBOOK_MIRROR") or params.mirror
    download(find(dataset), stage.RAW, downloads=stage.DOWNLOADS, mirror=mirror, bar=True)


if __name__ == "__main__":
    stage.run(main)
