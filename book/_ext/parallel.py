"""Chapters are read, which is when their cells run, on all processors.

Sphinx can do so, but `jupyter-book build` has no option for it; and one extension of Jupyter
Book's, which numbers the sections when all pages have been read, does not say that it allows it.
To hand the chapters out once more, for writing, would take longer than to write them.

When a chapter fails, Sphinx asks the processes that still read others to stop. They do not while a
cell of theirs runs, and the build would wait for them without end. Nor does it say what went wrong.
"""

import multiprocessing
import os
from contextlib import suppress

import psutil
from sphinx.errors import SphinxParallelError
from sphinx.util import logging

logger = logging.getLogger(__name__)


def setup(app):
    app.parallel = os.cpu_count() or 1
    app.connect("config-inited", allow)
    app.connect("env-updated", write_alone)
    app.connect("build-finished", stop, priority=999)  # after all who have helpers
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def allow(app, config):
    if "sphinx_multitoc_numbering" in app.extensions:
        app.extensions["sphinx_multitoc_numbering"].parallel_read_safe = True


def write_alone(app, env):
    app.parallel = 1


def stop(app, exception):
    if isinstance(exception, SphinxParallelError):
        logger.error(exception.traceback)
        for process in multiprocessing.active_children():
            with suppress(psutil.NoSuchProcess):
                for kernel in psutil.Process(process.pid).children(recursive=True):
                    kernel.kill()
            process.kill()
