"""Brings a dataset's raw files here. Reads the mirror or the public addresses, writes data/raw/<dataset>."""

import os

from bythebook.datasets.download import download
from bythebook.datasets.registry import find
from pipeline import stage


def main(dataset: str) -> None:
    """Fills the dataset's folder in data/raw with verified files."""
    params = stage.params()
    mirror = os.environ.get("BYTHEBOOK_MIRROR") or params.mirror
    download(find(dataset), stage.RAW, downloads=stage.DOWNLOADS, mirror=mirror, bar=True)


if __name__ == "__main__":
    stage.run(main)
