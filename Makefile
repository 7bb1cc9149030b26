# tmc: `make help` lists what there is to do.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/setup-done
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:

.PHONY: help setup tools demo test check lint long soak machines wheel-check wheel-install planted pictures bench fuzz fuzz-language fuzz-loaders fuzz-verifier lockstep clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## ?/\1\t/' | expand -t 14

setup: $(STAMP) ## make .venv with everything tmc and its tests need

# Done again whenever the dependencies change, or the grammar, of which installing makes the parser's tables. Where packages come from is pip's own configuration.
$(STAMP): pyproject.toml constraints.txt hatch_build.py grammars/tmc.lark
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-compile -c constraints.txt -e '.[dev]' # what is not imported need not be compiled
	$(BIN)/python -m tmc.native.compile_kernels
	@touch $@

# System packages that only tests and checks need: Graphviz draws graphs, Chromium opens pages, npm checks their modules. They are
# installed when that is possible without asking anybody (apt-get is there and we are root); else what needs them is skipped.
tools: setup
	@for needed in dot:graphviz chromium:chromium npm:npm; do \
	  command=$${needed%%:*}; package=$${needed##*:}; \
	  if command -v $$command >/dev/null; then continue; fi; \
	  if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	    { apt-get install -y -qq $$package || { apt-get update -qq && apt-get install -y -qq $$package; }; } >/dev/null 2>&1 \
	      || echo "$$package could not be installed: what needs it will be skipped" >&2; \
	  else echo "$$package is missing: what needs it will be skipped" >&2; fi; done

demo: setup ## compile Gaussian elimination to a network and let it learn a parity (writes demo/)
	@mkdir -p demo
	$(BIN)/tmc compile machines/gauss.tm -o demo/gauss.safetensors
	$(BIN)/tmc data parity --d 8 --m 24 --queries 200 --seed 0 -o demo/data.npz
	$(BIN)/tmc run demo/gauss.safetensors --input demo/data.npz --output demo/predictions.npz

test: tools ## the quick tests
	$(BIN)/python -m pytest -q -n 2 --dist worksteal

check: tools ## everything the quick tests leave out: style, types, long tests, machines, the wheel
	$(MAKE) --jobs 2 --output-sync lint machines wheel-check
	$(MAKE) long

lint: tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict tmc
	@if command -v npm >/dev/null; then \
	  [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --silent; npm run --silent check; \
	  else echo "npm is missing: the page's modules were not checked" >&2; fi

long: tools ## the tests that take longer
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m long

soak: tools wheel-install ## more of the long tests, with other random numbers, and the wheel installed anew: a quarter of an hour
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m soak

machines: setup
	$(BIN)/tmc check --strict machines
	$(BIN)/tmc fmt --check machines
	$(BIN)/tmc test machines --figures | diff <(grep '^|' docs/machines.md) -

# Whether tmc works where there is no checkout: a wheel, used from an empty folder, with the packages of this environment.
wheel-check: setup
	folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	$(BIN)/python -m build --wheel --no-isolation --outdir "$$folder/dist" . >/dev/null; \
	$(BIN)/python -m pip install --quiet --no-deps --no-index --target "$$folder/site" "$$folder"/dist/*.whl; \
	mkdir "$$folder/empty"; python="$(CURDIR)/$(BIN)/python"; cd "$$folder/empty"; export PYTHONPATH="$$folder/site"; \
	$(WHEEL_COMMANDS)

# The same in an environment of its own, with every package installed anew.
wheel-install: setup
	folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	$(BIN)/python -m build --wheel --no-isolation --outdir "$$folder/dist" . >/dev/null; \
	$(PYTHON) -m venv "$$folder/venv"; \
	"$$folder/venv/bin/python" -m pip install --quiet -c constraints.txt "$$folder"/dist/*.whl; \
	mkdir "$$folder/empty"; python="$$folder/venv/bin/python"; cd "$$folder/empty"; \
	$(WHEEL_COMMANDS)

define WHEEL_COMMANDS
shipped=$$("$$python" -c 'from tmc.files import shipped; print(shipped("machines"))'); \
case "$$shipped" in "$$folder"/*) ;; *) echo "this is not the wheel: $$shipped" >&2; exit 1;; esac; \
"$$python" -m tmc --version; \
"$$python" -m tmc compile "$$shipped/gauss.tm" -o gauss.safetensors; \
"$$python" -m tmc data parity --d 3 --m 6 --queries 5 --seed 0 -o data.npz; \
"$$python" -m tmc run gauss.safetensors --input data.npz --output predictions.npz; \
"$$python" -m tmc simulate "$$shipped/increment.tm" --data 1011; \
"$$python" -m tmc view "$$shipped/increment.tm" --data 1011; \
"$$python" -m tmc explain TMC004; \
"$$python" -m tmc new flip --line; \
"$$python" -m tmc test flip.tm
endef

# Drawn again they are the same to the last byte, if Graphviz, cairo and fonts are the same.
pictures: tools ## draw the pictures of README.md and docs, into docs/pictures
	@mkdir -p docs/pictures
	$(BIN)/tmc draw machines/gauss.tm -o docs/pictures/gauss.svg
	$(BIN)/tmc draw machines/busy_beaver_5.tm --what space-time --data '' --size 456x360 -o docs/pictures/busy_beaver_5.png

bench: setup ## the benchmarks, into docs/speed.md
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[bench]'
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m benchmarks --large --into docs/speed.md

MINUTES ?= 20
SEED ?= 1
MACHINES ?= 10000
CHANGES ?= 1000
fuzz: fuzz-loaders fuzz-language ## fuzz both the files and the language, for MINUTES=20 each

fuzz-language: setup ## fuzz the language for MINUTES=20, from SEED=1 (needs atheris, which it installs)
	$(BIN)/python -m pip install --quiet atheris
	mkdir -p .fuzz/corpus .fuzz/found
	cp machines/*.tm machines/lib/*.tm .fuzz/corpus
	nice $(BIN)/python fuzz/language.py .fuzz/corpus -max_len=10000 -artifact_prefix=.fuzz/found/ -seed=$(SEED) -max_total_time=$$(($(MINUTES) * 60))

fuzz-loaders: setup ## fuzz everything that reads a file for MINUTES=20, from where it ended before
	nice $(BIN)/python fuzz/loaders.py --seconds $$(($(MINUTES) * 60))

lockstep: setup ## MACHINES=10000 random machines through all stages and engines, layer by layer
	nice -n 19 $(BIN)/python fuzz/lockstep.py --machines $(MACHINES)

fuzz-verifier: setup ## change checkpoints in CHANGES=1000 ways, one number at a time, and see that the verifier notices
	nice -n 19 $(BIN)/python fuzz/verifier.py --changes $(CHANGES)

planted: setup ## plant faults in a copy, one at a time, and see that the tests catch them: some minutes
	$(BIN)/python fuzz/planted.py

clean: ## remove everything that was built, the environment too
	rm -rf $(VENV) node_modules demo dist build .fuzz .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
