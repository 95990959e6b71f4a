"""Measures what needs no images. Reads params.yaml, writes runs/probes/<probe>.json."""

from bythebook.probes.measure import measure
from pipeline import fanout, stage


def main() -> None:
    """Runs every probe that the parameters name."""
    params = stage.params()
    with fanout.workers(params, fanout.plain) as executor:
        measure(params.probes, executor, stage.PROBES)


if __name__ == "__main__":
    stage.run(main)
