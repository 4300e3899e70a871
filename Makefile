PYTHON ?= python3
MISSING = $(PYTHON) is missing: install Python 3.11 to 3.14 (Debian, Ubuntu: apt install python3-venv)
NODE = axe-core@4.14.1 @biomejs/biome@2.6.8
RUN = $(if $(shell command -v $(PYTHON) 2>/dev/null),$(PYTHON) tools/venv.py,$(error $(MISSING)))

.NOTPARALLEL:  # the targets create and share one environment
.PHONY: help html live test test-browser browser links bench bench-browser bench-pages lab lock upgrade words clean

help:   ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /make \1  /p' Makefile

html live: export BOOK_DRAFT := $(if $(filter-out 0,$(DRAFT)),1,$(BOOK_DRAFT))
html:   ## build the book, and print its location; with DRAFT=1 despite warnings
	@$(RUN) jupyter-book build .

live:   ## build and serve the book, and rebuild it when a file is saved
	@$(RUN) python tools/live.py

test: html  ## build the book, then run all tests with coverage
	@$(RUN) pytest --cov --numprocesses auto --dist loadfile

test-browser: html browser  ## test the pages in three browsers, and the chapters in JupyterLab
	@$(RUN) pytest tests/browser --numprocesses auto --dist loadfile --no-loadscope-reorder

browser:
	@$(RUN) pip install --quiet --disable-pip-version-check --requirement tests/browser/requirements.txt
	@test "$$(cat .venv/node_modules/installed 2>&1)" = "$(NODE)" \
		|| (npm install --silent --no-audit --no-fund --prefix .venv $(NODE) \
		&& echo "$(NODE)" > .venv/node_modules/installed)

links:  ## check the external links, which needs a network
	@$(RUN) jupyter-book build . --builder linkcheck

bench:  ## compare the times of convtools and of the build with alternatives
	@$(RUN) python benchmarks/convolution.py
	@$(RUN) python benchmarks/build.py

bench-browser bench-pages: export PYTHONPATH = tools
bench-browser: html browser  ## time the explorables in Chromium
	@$(RUN) python benchmarks/explorables.py

bench-pages: browser  ## compare the size and the scores of pages with those of a stock book
	@$(RUN) python benchmarks/pages.py

lab: export JUPYTER_CONFIG_PATH = binder
lab:    ## open the book in JupyterLab
	@$(RUN) jupyter lab --LabApp.default_url=/lab/tree/book/index.md

lock:   ## pin the packages of pyproject.toml, also for Binder; existing pins are kept
	@$(RUN) uv pip compile --quiet $(UPGRADE) --universal --python-version 3.11 --no-annotate --no-header --extra chapters --group book --group lab --group test pyproject.toml --output-file requirements.txt
	@(echo "--extra-index-url https://download.pytorch.org/whl/cpu"; $(RUN) uv pip compile --quiet --no-annotate --no-header --python-platform linux --python-version 3.11.14 --constraint requirements.txt --extra chapters --group lab pyproject.toml | sed '/^torch==/s/$$/+cpu/') > binder/requirements.txt

upgrade: UPGRADE = --upgrade
upgrade: lock  ## pin the newest versions

words:  ## update the translation catalogues, and make one for LANGUAGE
	@$(RUN) python tools/words.py $(LANGUAGE)

clean:  ## remove all that make has created, including .venv
	rm -rf .venv _build .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage*
