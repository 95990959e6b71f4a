"""Measures what needs no images. Reads params.yaml, writes runs/probes/<probe>.json."""

from bythebook.probes.measure import measure
from pipeline import stage


def main() -> None:
    """Runs every probe that the parameters name."""
    measure(stage.params().probes, stage.PROBES)


if __name__ == "__main__":
    stage.run(main)
