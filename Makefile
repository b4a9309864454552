# Policy Gradients, Line by Line. `make help` lists the targets.

# Once there is an environment, its own Python, so that PYTHON= need not be given again.
PYTHON ?= $(shell .venv/bin/python -c 'import sys; print(sys._base_executable)' 2> /dev/null || echo python3)
PORT ?= 8000
WORKERS ?= 2
NOTEBOOKS ?=
PYTEST ?=

VENV := .venv
BIN := $(VENV)/bin

# One thread for each process: the work is spread over processes, and sums come out the same everywhere.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1

.DEFAULT_GOAL := help
.PHONY: help book pdf serve lab test test-pyodide test-site test-firefox test-take-home notebooks time-cells lock benchmark lint clean clean-site check-python vendor
.DELETE_ON_ERROR:

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

book: $(VENV)/package vendor ## set everything up, run the chapters and build the website
	@$(BIN)/python tools/build_book.py

pdf: $(VENV)/package vendor ## build the book as a PDF too (needs LaTeX from Debian; says which packages are missing)
	@$(BIN)/python tools/build_pdf.py

serve: book ## show the website on this machine (PORT=8000)
	@echo "The website is at http://localhost:$(PORT)/ (Ctrl-C ends it)"
	@$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

lab: $(VENV)/package ## open the chapters in JupyterLab
	@$(BIN)/jupyter lab --notebook-dir=. --LabApp.default_url=/lab/tree/book/intro.ipynb

# A kernel may take long to start where much else runs: the limit only ends what hangs.
test: $(VENV)/package ## set everything up and run every test that needs no browser
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --nbval --nbval-current-env --nbval-kernel-startup-timeout 900 \
		--nbval-sanitize-with tests/nbval-sanitize.cfg --ignore tests/site --ignore tests/pyodide --ignore tests/firefox

test-pyodide: $(VENV)/package vendor ## run the notebooks and the tests of pgcode in the browser's Python, in Node
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal tests/pyodide $(PYTEST)

test-site: book ## run the browser tests against the built website (needs Chromium)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup tests/site

test-firefox: book ## run a cell, a task and Stop of the built website in Firefox, where there is one
	$(BIN)/python -m pytest tests/firefox

test-take-home: check-python ## test the code to take home in PyTorch and JAX, which are fetched for it
	@test -x .venv-take-home/bin/python || "$(PYTHON)" -m venv .venv-take-home
	.venv-take-home/bin/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	.venv-take-home/bin/python -m pip install --quiet --disable-pip-version-check --group take-home --editable .
	TAKE_HOME_FRAMEWORKS=required .venv-take-home/bin/python -m pytest tests/test_take_home.py tests/test_take_home_losses.py tests/test_audit_of_losses.py

notebooks: $(VENV)/package ## run the chapters and store them (NOTEBOOKS="book/intro.ipynb" for some only)
	$(BIN)/python tools/notebooks.py $(NOTEBOOKS)

lint: $(VENV)/package ## check style, types and the form of the notebooks
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/python tools/notebooks.py --check

benchmark: book ## measure the speed beside peers, into benchmarks/results.txt
	@for file in benchmarks/[a-z]*.py; do echo "== $$file"; $(BIN)/python "$$file" || exit 1; echo; done \
		> _build/results.txt
	@mv _build/results.txt benchmarks/results.txt && cat benchmarks/results.txt

time-cells: $(VENV)/package vendor ## measure each cell in the browser's Python (NOTEBOOKS="book/intro.ipynb" for some only)
	$(BIN)/python tools/time_cells.py $(NOTEBOOKS)

lock: check-python ## write requirements.lock anew from pyproject.toml (UPGRADE=--upgrade takes the newest versions)
	@test -x .venv-lock/bin/uv || { $(PYTHON) -m venv .venv-lock && .venv-lock/bin/python -m pip install --quiet uv; }
	@cp requirements.lock .venv-lock/requirements.lock
	.venv-lock/bin/uv pip compile pyproject.toml --extra book --group dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-strip-extras --custom-compile-command "make lock" \
		--quiet --output-file .venv-lock/requirements.lock $(UPGRADE)
	@cmp -s requirements.lock .venv-lock/requirements.lock || cp .venv-lock/requirements.lock requirements.lock

clean-site: ## remove the built website and the stored results of its cells
	rm -rf _build

clean: clean-site ## remove everything that is built, fetched or installed
	rm -rf $(VENV) .venv-lock .venv-take-home press/vendor build dist *.egg-info
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

vendor: | $(VENV)/package
	@$(BIN)/python tools/vendor.py

check-python:
	@command -v "$(PYTHON)" > /dev/null || { echo "$(PYTHON) was not found. Install Python 3.11 or newer," \
		"or name one: make PYTHON=/path/to/python3"; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is" \
		"$$("$(PYTHON)" --version 2>&1), and Python 3.11 or newer is needed. Name one: make PYTHON=/path/to/python3"; exit 1; }
	@test ! -x $(BIN)/python || test "$$("$(PYTHON)" -V 2>&1)" = "$$($(BIN)/python -V 2>&1)" || { echo "$(VENV) was" \
		"made with $$($(BIN)/python -V 2>&1), and $(PYTHON) is $$("$(PYTHON)" -V 2>&1): run make clean first"; exit 1; }
	@"$(PYTHON)" -c 'import venv, ensurepip' 2> /dev/null || { echo "$(PYTHON) cannot make virtual environments." \
		"On Debian and Ubuntu, install python3-venv."; exit 1; }

# The environment, exactly as locked. pip, and not a faster installer, because it honours the user's pip configuration.
# pip would compile what it installs on one processor; what cannot be compiled is passed over, as by pip.
$(VENV)/requirements: requirements.lock | check-python
	"$(PYTHON)" -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements.lock
	@$(BIN)/python -m compileall -qq -j 0 $(VENV)/lib || true
	@touch $@

# pgcode and press, editable. setuptools is in the lock, so nothing more is downloaded. They are compiled here, for hundreds
# of processes load them: where Python is told to keep no bytecode, each would compile them anew.
$(VENV)/package: $(VENV)/requirements pyproject.toml press/pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . --editable press
	@$(BIN)/python -m compileall -qq -j 0 pgcode press tools || true
	@touch $@
