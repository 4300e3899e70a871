"""Builds each book in its own process, without importing Sphinx and its extensions again.

Each build needs its own process because the extensions patch modules, and because a build may
crash. On Linux it is forked from a process that has imported them, because the imports take two
thirds of the time of a small build.
"""

import atexit
import multiprocessing
import os
import sys
import traceback

IMPORTS = [
    "bs4", "docutils.parsers.rst", "filelock", "fontTools.subset", "jupyter_book.cli.main",
    "jupyter_book.sphinx", "math_core", "myst_nb.sphinx_ext", "nbclient", "numpydoc.numpydoc",
    "PIL.Image", "psutil", "rjsmin", "sphinx.application", "sphinx.builders.epub3",
    "sphinx.builders.html", "sphinx.builders.linkcheck", "sphinx.domains.cpp",
    "sphinx.ext.autosummary", "sphinx_book_theme", "sphinx_comments", "sphinx_copybutton",
    "sphinx_design.extension", "sphinx_external_toc.sphinx_ext", "sphinx_multitoc_numbering",
    "sphinxcontrib.bibtex", "lightningcss",
]  # fmt: skip
processes = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
if sys.platform == "linux":
    processes.set_forkserver_preload([__name__, *IMPORTS])


def build(folder, options, environment):
    """Run `jupyter-book build`; return its exit code and its output."""
    log = folder.with_name(f"{folder.name}.log")
    process = processes.Process(target=run, args=[folder, log, options, environment])
    process.start()
    process.join()
    code = process.exitcode
    process.close()
    printed = log.read_text(encoding="utf-8")
    log.unlink()
    return code, printed


def run(folder, log, options, environment):
    printed = os.open(log, os.O_WRONLY | os.O_CREAT)
    for standard in [1, 2]:
        os.dup2(printed, standard)
    sys.stdout.reconfigure(encoding="utf-8", line_buffering=True)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    from jupyter_book.cli.main import main

    code = 1
    try:
        main(["build", *options])
    except SystemExit as end:
        code = end.code
    except Exception:
        traceback.print_exc()
    atexit._run_exitfuncs()  # multiprocessing does not call them
    sys.exit(code)
