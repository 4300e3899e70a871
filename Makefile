PYTHON ?= python3
MISSING = $(PYTHON) is missing: install Python 3.11 or newer (Debian, Ubuntu: apt install python3-venv)
RUN = $(if $(shell command -v $(PYTHON) 2>/dev/null),$(PYTHON) tools/venv.py,$(error $(MISSING)))

.PHONY: help html test bench lock clean

help:   ## say what there is to make
	@sed -n 's/^\([a-z]*\):.*## /make \1  /p' Makefile

html:   ## build the book, and say where it is
	@$(RUN) jupyter-book build .

test: html  ## build the book, then run all tests with coverage
	@$(RUN) pytest --cov

bench:  ## time convtools against its alternatives
	@$(RUN) python tools/bench.py

lock:   ## renew requirements.txt (needs uv)
	uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-annotate --no-header --group book --group test pyproject.toml --output-file requirements.txt

clean:  ## remove all that was built, and .venv
	rm -rf _build .venv
