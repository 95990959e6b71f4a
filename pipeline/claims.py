"""Judges the chapter's claims. Reads claims, references, runs and probes, writes reports/claims.json."""

from bythebook.claims.write import write_verdicts
from pipeline import results, stage


def main() -> None:
    """Judges every claim by what was measured."""
    params = stage.params()
    probes = [stage.PROBES / f"{name}.json" for name in params.probes]
    suites = results.directories(params)
    write_verdicts(stage.CLAIMS, stage.REFERENCES, suites, stage.EVALUATION, probes, stage.VERDICTS)


if __name__ == "__main__":
    stage.run(main)
