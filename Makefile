# `make demo` and `make test` set themselves up: they need git, make, python3 (3.11+) and python3-venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
DEMO ?=

.PHONY: help demo test lint format firmware-test bench lock clean
help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | expand -t 16

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.txt | $(BIN)/python
	$(PIP) install --quiet --require-hashes --requirement requirements/run.txt
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	$(PIP) install --quiet --require-hashes --requirement requirements/dev.txt
	@touch $@

$(VENV)/.bench: requirements/bench.txt $(VENV)/.dev
	$(PIP) install --quiet --require-hashes --requirement requirements/bench.txt
	@touch $@

demo: $(VENV)/.run  ## the whole product on simulated wearables: DEMO="--duration 60s --no-browser" for options
	$(BIN)/fasciwatch demo $(DEMO)

test: $(VENV)/.dev  ## every test but the firmware's; those with real servers one at a time
	$(BIN)/pytest --numprocesses 2 --dist loadfile --ignore tests/integration --ignore tests/firmware
	$(BIN)/pytest tests/integration

lint: $(VENV)/.dev  ## ruff, mypy --strict, import contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev  ## put the code in its one form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

firmware-test: $(VENV)/.dev  ## the firmware without a board: core, fuzzer, RISC-V, a simulated Uno read by the service
	$(MAKE) -C firmware test
	$(BIN)/pytest tests/firmware

bench: $(VENV)/.bench  ## accuracy and speed against other tools; writes docs/accuracy.md
	$(BIN)/python -m bench

lock:  ## pin everything again (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  --group build pyproject.toml --output-file requirements/run.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  --group dev --constraint requirements/run.txt pyproject.toml --output-file requirements/dev.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  --group dev --group bench --constraint requirements/dev.txt pyproject.toml --output-file requirements/bench.txt

clean:  ## remove what the other targets made
	rm -rf $(VENV) build dist
