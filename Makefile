# Every target sets up .venv first, when it is absent or older than the lock. GNU make 3.81 (macOS) is enough.

.DEFAULT_GOAL := help
PYTHON ?= python3
WORKERS := 2
BIN := .venv/bin
READY := .venv/.ready
UNFINISHED := .venv/.unfinished
# The commands of DVC's stages find the project's python in PATH.
RUN := PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m
SUPPORTED := import sys; here = sys.version_info[:2]; sys.exit(None if (3, 11) <= here <= (3, 13) else \
    "setup: %s is Python %d.%d, and TensorFlow 2.21 needs 3.11, 3.12 or 3.13. Name one: make PYTHON=python3.12" \
    % ((sys.executable,) + tuple(here)))

.PHONY: help setup demo test repro pull publish ui dashboard gate check bench latency lock

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

setup: $(READY) ## .venv with everything in requirements.lock (the other targets do this when needed)

# The mark stands from before the first change until after the last one: whoever finds it finds a half-made .venv.
$(READY): requirements.lock pyproject.toml
	@if [ -e $(UNFINISHED) ] || ! $(BIN)/python -c '$(SUPPORTED)' 2> /dev/null; then \
	    $(PYTHON) -c '$(SUPPORTED)' || exit 1; \
	    echo "setup: making .venv with $(PYTHON)"; \
	    rm -rf $(BIN) && rm -rf .venv && mkdir .venv && touch $(UNFINISHED) && $(PYTHON) -m venv .venv; \
	fi
	@touch $(UNFINISHED)
	@echo "setup: installing what requirements.lock pins into .venv (3 GB; a few minutes the first time)"
	@if [ -t 1 ]; then quiet=; else quiet=--quiet; fi; \
	    $(RUN) pip install $$quiet --disable-pip-version-check --compile --require-hashes -r requirements.lock
	@$(RUN) pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@rm $(UNFINISHED) && touch $(READY)
	@echo "setup: .venv is ready"

demo: $(READY) ## the whole pipeline on the digits inside scikit-learn: no download, no server, a few minutes
	@echo "demo: running the pipeline on 1,797 handwritten digits in .work/demo"
	@$(RUN) pipeline.demo

test: $(READY) ## all tests, end to end included (ARGS="-k name" for some of them)
	@$(RUN) tests.chromium
	@$(RUN) tests.postgresql
	@echo "test: running all tests in $(WORKERS) processes"
	@$(RUN) pytest -n $(WORKERS) --dist loadgroup $(ARGS)

repro: $(READY) ## bring every stage up to date with params.yaml, the recipes and the code (dvc repro)
	@echo "repro: running the stages that are out of date"
	@$(RUN) pipeline.prepare
	@$(RUN) dvc --wait-for-lock repro

pull: $(READY) ## fetch finished outputs from the DVC remote, if one is set
	@if $(RUN) dvc remote default > /dev/null 2>&1; then \
	    echo "pull: fetching outputs from the DVC remote"; \
	    $(RUN) dvc pull --run-cache --allow-missing; \
	else \
	    echo "pull: no default DVC remote is set, nothing to fetch"; \
	fi

publish: $(READY) ## copy the runs, probes and verdicts that MLflow lacks to MLflow
	@echo "publish: mirroring runs, probes and verdicts to MLflow"
	@$(RUN) pipeline.publish

ui: $(READY) ## the MLflow UI, for this computer alone (PORT=5001 for a port of your own)
	@$(RUN) pipeline.ui $(PORT)

dashboard: $(READY) ## Optuna's dashboard of the searches, for this computer alone (PORT=8081 for a port of your own)
	@$(RUN) pipeline.dashboard $(PORT)

gate: $(READY) ## compare reports/metrics.json with the committed one; fail when a figure fell beyond its tolerance
	@echo "gate: comparing with the committed metrics"
	@$(RUN) pipeline.gate

check: $(READY) ## lint, format, types, and everything that is declared (bythebook check)
	@echo "check: ruff, mypy, bythebook check"
	@$(RUN) ruff check .
	@$(RUN) ruff format --check .
	@$(RUN) mypy
	@$(RUN) pipeline.cli check

bench: $(READY) ## measure the engine, hours, into benchmarks/RESULTS.md (ARGS=--quick: a glance, into .work/bench)
	@echo "bench: PyTorch and JAX take part if they are installed:" \
	    "$(BIN)/python -m pip install --no-build-isolation -e '.[bench]'"
	@$(RUN) benchmarks $(ARGS)

latency: $(READY) ## time what claims need, into benchmarks/latency.json (ARGS=--quick: a glance, into .work/bench)
	@echo "latency: timing nets on this computer, which should have nothing else to do"
	@$(RUN) benchmarks.latency $(ARGS)

lock: $(READY) ## pin pyproject.toml's requirements anew in requirements.lock, with hashes
	@echo "lock: resolving pyproject.toml"
	@$(RUN) uv pip compile --quiet --generate-hashes --no-header --extra dev \
	    --python-version 3.11 --universal pyproject.toml -o requirements.lock
