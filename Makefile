# Two commands matter: `make lab` opens the book, `make test` proves it. `make help` lists the rest.
PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11 python,$(shell command -v $(name) 2>/dev/null)))
BIN := .venv/bin
READY := .venv/.ready
# Every notebook whose committed outputs must come out again to the byte.
NOTEBOOKS := chapters solutions
# Where it is set, each of some hundred processes would compile the same modules once more.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help lab test book nbval check bench mutants grade exercises lock clean
help:  ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

$(READY): requirements.lock pyproject.toml tools/install.py
	@test -n "$(PYTHON)" || { echo "kafkabook needs Python 3.11 or later; none was found on the PATH." >&2; exit 1; }
	@$(PYTHON) tools/install.py
	@touch $@

lab: $(READY)  ## open JupyterLab on chapter 00 in your working copy (ARGS=--no-browser for a server)
	@$(BIN)/kafkabook lab $(ARGS)

test: $(READY) check  ## prove everything: style, types, tests, notebooks, book, browser, real Kafka
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder --durations 15 --nbval tests kafkabook $(NOTEBOOKS) $(ARGS)
	$(BIN)/pytest --nbval-lax exercises

book: $(READY)  ## build the HTML book into build/book
	@$(BIN)/kafkabook book build/book

nbval: $(READY)  ## run every notebook and compare its outputs
	$(BIN)/pytest -n 2 --dist loadfile --nbval $(NOTEBOOKS)
	$(BIN)/pytest --nbval-lax exercises

check: $(READY)  ## ruff, mypy --strict, import-linter, codespell
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell

bench: $(READY)  ## measure beside the named peers, as ratios
	$(BIN)/python -m benchmarks

mutants: $(READY)  ## change the package a little, 300 times, and see whether a test notices (ARGS=--seed=2)
	nice $(BIN)/python -m tools.mutants $(ARGS)

grade: $(READY)  ## mark every exercise of your working copy
	@$(BIN)/kafkabook grade

exercises: $(READY)  ## derive exercises/ from solutions/ with nbgrader
	$(BIN)/python -m kafkabook.grading.derive

lock: $(READY)  ## write requirements.lock anew from the ranges in pyproject.toml
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --all-extras \
	    --no-header --no-annotate --no-emit-index-url --quiet --upgrade pyproject.toml -o requirements.lock

clean:  ## remove what these targets made, except your working copy
	rm -rf .venv .cache build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
