# The menu. `make demo` and `make test` need Python >= 3.11 with venv, make, and a package registry; nothing else.
.DEFAULT_GOAL := help
PYTHON ?= python3
BOOTSTRAP := .bootstrap
UV := $(BOOTSTRAP)/bin/uv
UV_VERSION := 0.13.9
export UV_PYTHON_DOWNLOADS := never
export UV_PYTHON := $(PYTHON)
RUN := $(UV) run --frozen --all-extras
# Tests run side by side already: threads inside each of them only get in each other's way.
TEST := POLARS_MAX_THREADS=1 $(RUN) pytest -n auto --dist worksteal

.PHONY: help demo test browser check bench truth format clean

help:  ## Show this menu
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(UV):
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Pegel needs Python 3.11 or later; set PYTHON=…")'
	$(PYTHON) -m venv $(BOOTSTRAP)
	$(BOOTSTRAP)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

demo: $(UV)  ## Set everything up, read three real logs (or an invented company), open the application on port 8000
	@test -f demo/measurement/verdict.en.html || $(RUN) --no-dev pegel demo
	$(RUN) --no-dev pegel serve --demo demo

test: $(UV) browser  ## Set everything up and pass the tests (the application's on PostgreSQL, too, with PEGEL_TEST_POSTGRES_URL)
	env -u PEGEL_TEST_POSTGRES_URL $(TEST)
	@if [ -n "$$PEGEL_TEST_POSTGRES_URL" ]; then echo "Once more on PostgreSQL:"; \
	  $(TEST) tests/pegel_web; \
	else echo "Not run on PostgreSQL: PEGEL_TEST_POSTGRES_URL is not set."; fi

browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
	|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq \
	     && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; } \
	|| echo "No Chromium: browser tests are skipped. Install it, for example: sudo apt-get install chromium"

check: $(UV)  ## Lint, types, import direction, documentation
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) mypy
	$(RUN) lint-imports
	$(RUN) pytest tests/docs

bench: $(UV)  ## Measure against peers: same answers first, then ratios, then fifty people at once (SIZES="1 10" MINUTES=1 for less)
	$(RUN) --group peers python benchmarks/run.py $(if $(SIZES),--sizes $(SIZES))
	@test -f demo/measurement/verdict.en.html || $(RUN) --no-dev pegel demo
	$(RUN) --group peers python benchmarks/load/run.py $(if $(MINUTES),--minutes $(MINUTES))

truth: $(UV)  ## Long comparisons with worlds whose truth is known
	$(RUN) pytest -o addopts="" -q tests/truth
	PEGEL_HYPOTHESIS=long $(RUN) pytest -n auto tests/pegel/flow tests/pegel/test_workbench.py

format: $(UV)  ## Format the code
	$(RUN) ruff format
	$(RUN) ruff check --fix

clean:  ## Remove what the commands above made
	rm -rf .venv $(BOOTSTRAP) demo benchmarks/out
