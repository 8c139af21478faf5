# Verbs of this project. `make` lists them; every verb sets up what it needs.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.ready
# One process more than there are cores: tests that start programs or ask a database leave a core idle now and then.
SIDE_BY_SIDE := -n $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1) --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-setup serve test check spark format figures reference lock vendor wheel clean

help:  ## list the verbs
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | awk -F':.*?## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(STAMP): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Heqing needs Python 3.11 or newer; this is %s. Try: make PYTHON=python3.12 …" % sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

setup: $(STAMP)  ## make the environment in .venv from the pinned requirements

demo: setup  ## run the main job on invented examples, set up an invented district and start the site with it
	$(BIN)/python scripts/show.py
	@echo
	$(BIN)/heqing demo $(if $(filter 0,$(HEQING_DEMO_SERVE)),--no-serve)

demo-setup: setup  ## the same, but stop before the site starts
	@$(MAKE) --no-print-directory demo HEQING_DEMO_SERVE=0

serve: setup  ## start the site with the invented district of var/demo
	$(BIN)/heqing demo

test: setup  ## run all tests, and those of the site's database on PostgreSQL too
	$(BIN)/python -m pytest $(SIDE_BY_SIDE)
	$(BIN)/python scripts/on_postgresql.py --optional $(BIN)/python -m pytest $(SIDE_BY_SIDE) tests/site

spark: setup  ## run the tests on a Spark cluster of this machine, in an environment of their own (Java 17 or newer; 0.8 GB)
	$(PYTHON) -m venv $(VENV)-spark
	$(VENV)-spark/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(VENV)-spark/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/spark.txt
	$(VENV)-spark/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(VENV)-spark/bin/python -m pytest tests/heqing/spread

check: setup  ## lint, formatting, types, import floors, documents
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/check_docs.py

format: setup  ## put the code in house form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

figures: setup  ## print how far results agree with published data in ../shared
	$(BIN)/python scripts/figures.py

reference: setup  ## write the generated pages of docs/reference anew
	$(BIN)/python scripts/write_reference.py

lock: setup  ## compile the pinned requirements anew (needs uv)
	$(BIN)/python scripts/lock.py

vendor: setup  ## fetch the front-end files anew from their npm packages (needs npm)
	$(BIN)/python scripts/vendor.py

wheel: setup  ## build the wheel into dist/
	$(BIN)/python -m build --no-isolation --wheel

clean:  ## remove everything that the verbs made
	rm -rf $(VENV) $(VENV)-spark build dist var .mypy_cache .ruff_cache .pytest_cache
