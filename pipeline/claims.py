"""Judges the chapter's claims. Reads declarations, runs, probes and latencies, writes reports/claims.json."""

from bythebook.claims.write import write_verdicts
from pipeline import results, stage


def main() -> None:
    """Judges every claim by what was measured."""
    params = stage.params()
    probes = [stage.PROBES / f"{name}.json" for name in params.probes]
    suites = results.directories(params)
    declared = stage.CLAIMS, stage.REFERENCES
    write_verdicts(*declared, suites, stage.EVALUATION, probes, stage.VERDICTS, stage.LATENCY)


if __name__ == "__main__":
    stage.run(main)
