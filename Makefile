# make help lists the targets. Settings: PROFILE=demo|paper, ARGS="hydra overrides".
PROFILE ?= demo
ARGS ?=
PYTHON ?= python3
BIN := .venv/bin
RUN := $(BIN)/python scripts/synthesize.py -m profile=$(PROFILE)
READY := .venv/.ready
# Where ARGS sends records, as the shell reads ARGS: figures and tables go there as well.
OUT := out=outputs; for a in $(ARGS); do case "$$a" in output=\~/*) out="$$HOME/$${a\#output=?/}";; output=*) out="$${a\#output=}";; esac; done;
COLLECT := $(BIN)/python scripts/collect.py "$$out"

.DEFAULT_GOAL := help
.PHONY: help figures fig1 fig2 fig3 claims sweep collect images plots publish report notebooks train bench \
	test test-slurm test-ray test-cuda lint joblib slurm ray clean clean-outputs

help: ## List the targets
	@grep -hE '^[a-z0-9 ]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# The environment: once, and again when its two files change.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "error: Python 3.11, 3.12 or 3.13 is needed; make PYTHON=python3.13 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@

figures: $(READY) ## All three figures (PROFILE=demo, or PROFILE=paper)
	$(RUN) launcher=auto figure=fig1,fig2,fig3 $(ARGS)
	$(OUT) $(BIN)/python scripts/plot.py --profile $(PROFILE) --output "$$out"

fig1 fig2 fig3: $(READY) ## One figure: compute what is missing, then draw it
	$(RUN) launcher=auto figure=$@ $(ARGS)
	$(OUT) $(BIN)/python scripts/plot.py $@ --profile $(PROFILE) --output "$$out"

claims: $(READY) ## The paper's claims: compute what is missing (57 cells), measure and draw
	$(RUN) figure=claims $(ARGS)
	$(OUT) $(BIN)/python scripts/claims.py --profile $(PROFILE) --output "$$out"

sweep: $(READY) ## A sweep: make sweep ARGS="ratio=1e-4,1e-3 seed=0,1,2", then its table
	$(OUT) status=0; $(RUN) $(ARGS) || status=1; $(COLLECT) || status=1; exit $$status

collect: $(READY) ## One table of all cells: outputs/cells.csv
	$(OUT) $(COLLECT)

images: $(READY) ## Fetch the paper's photograph and artworks into data/
	$(BIN)/python scripts/fetch.py $(ARGS)

plots: $(READY) ## Draw the published figures in results/ again from their records
	$(BIN)/python scripts/plot.py --profile $(PROFILE) --output results --published

publish: $(READY) ## Copy the figures and records of outputs/PROFILE to results/, to be committed
	$(BIN)/python scripts/publish.py $(PROFILE)
	$(BIN)/python scripts/plot.py --profile $(PROFILE) --output results --published

report: $(READY) ## One HTML page to look at results: PROFILE, or ARGS="FOLDER --output FILE"
	$(BIN)/python scripts/report.py --profile $(PROFILE) $(ARGS)

notebooks: $(READY) ## Run the notebooks again: notebooks/*.py -> *.ipynb, with outputs
	$(BIN)/python scripts/notebooks.py

train: $(READY) ## Distil the embedded network: make train TEACHER=vgg19.safetensors DATA=data/caltech101
	$(BIN)/python scripts/train.py $(if $(TEACHER),teacher=$(TEACHER)) $(if $(DATA),data=$(DATA)) $(ARGS)

bench: $(READY) ## Measure how fast this machine synthesizes
	$(BIN)/python scripts/bench.py $(ARGS)

test: $(READY) ## Run the tests
	$(BIN)/python -m pytest

joblib slurm ray: $(READY) ## Install what launcher=joblib, slurm or ray needs
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[$@]"

test-slurm: slurm ## Sweeps on a real Slurm, started for the tests; docs/cluster.md says what it needs
	$(BIN)/python -m pytest tests/slurm

test-ray: ray ## Sweeps on a local Ray cluster
	$(BIN)/python -m pytest tests/ray

test-cuda: $(READY) ## On a GPU of NVIDIA's: losses, resuming, memory, processes that share it
	$(BIN)/python -m pytest tests/cuda

lint: $(READY) ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean: ## Remove the environment and caches; results and data stay
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

clean-outputs: ## Delete outputs/, all that was computed here; results/ stays
	rm -rf outputs
