"""Chapters are executed in parallel, as many as processors and memory allow.

MyST-NB executes a chapter when Sphinx reads its page. Sphinx can read pages in several processes,
but these would share jupyter-cache, which does not support it: first builds fail at random, because
each process finds no table and creates one (sphinx-doc/sphinx#12481, jupyter-cache#37). So one
process reads all pages and is the only one to use the cache. Before it reads the first page, it
starts the kernels of all chapters whose outputs are not cached. MyST-NB then waits for the results.

Two kernels that use TCP may get the same port (jupyter/jupyter_client#487). Where Unix sockets
exist, each kernel has its own, in a separate folder.
"""

import copy
import os
import traceback
from concurrent.futures import Future
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import BoundedSemaphore, Thread

import psutil
from jupyter_cache.executors.utils import ExecutionResult, single_nb_execution
from myst_nb import sphinx_
from myst_nb.core.execute import cache, direct
from myst_nb.core.read import create_nb_reader
from sphinx.util import logging
from traitlets.config import Config

MEMORY = 2**30  # bytes that a chapter may need
LONGEST = 90  # bytes of a socket folder's path; some systems limit socket paths to 103
CONTAINER = Path("/sys/fs/cgroup")  # where Linux has the limits of a container
logger = logging.getLogger(__name__)
running = {}  # the future of each notebook that was started


def setup(app):
    app.parallel = 1  # another process that reads pages would not have the threads of this one
    cache.single_nb_execution = direct.single_nb_execution = result_of
    app.connect("env-before-read-docs", start)
    app.connect("build-finished", stop)


def processes():
    """Return the number of chapters to execute at once."""
    known = hasattr(os, "sched_getaffinity")  # the processors available to this process
    processors = len(os.sched_getaffinity(0)) if known else os.cpu_count() or 1
    processors = min([processors, *container("cpu.max", lambda quota, period: quota / period)])
    used = sum(container("memory.current", lambda used: used))
    limits = container("memory.max", lambda most: most - used)
    free = min([psutil.virtual_memory().available, *limits])
    return max(1, int(min(processors, free // MEMORY)))


def container(name, read):
    """Return a list with the limit of this process's container, empty if there is none."""
    with suppress(OSError, ValueError):  # no container, or "max": no limit
        return [read(*map(int, (CONTAINER / name).read_text(encoding="ascii").split()))]
    return []


def start(app, env, names):
    """Start a thread, which waits for its turn, for each chapter that has to be executed."""
    turns = BoundedSemaphore(processes())
    # Kernels share the processors, so each gets one thread, with the same results on any machine.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("TQDM_DISABLE", "1")  # progress bars, which only a live notebook needs
    for name in names:
        with suppress(Exception):  # if a page cannot be read, the parser will report it
            notebook, options = to_execute(env, name)
            # Nothing would wait for the first of two equal ones, so it might outlive the build.
            if notebook and key(notebook, **options) not in running:
                # The first import on a machine lists the fonts, which should happen only once.
                import_module("matplotlib.font_manager")
                future = running[key(notebook, **options)] = Future()
                Thread(target=run, args=[turns, future, notebook, options], daemon=True).start()


def to_execute(env, name):
    """Return the notebook of a page, or None if it need not be executed, and its options."""
    path = Path(env.doc2path(name))
    text = path.read_text(encoding="utf-8-sig")
    reader = create_nb_reader(str(path), env.myst_config, env.mystnb_config, text)
    if reader is None:
        return None, {}
    notebook = reader.read(text)
    config = env.mystnb_config.copy(**notebook.metadata.get("mystnb", {}))
    client = sphinx_.create_client(notebook, str(path), config, logger, reader.read_fmt)
    needed = isinstance(client, direct.NotebookClientDirect)
    if isinstance(client, cache.NotebookClientCache):
        try:
            cache.get_cache(config.execution_cache_path).match_cache_notebook(notebook)
        except KeyError:
            needed = True
    options = {
        "cwd": os.path.abspath(path.parent),
        "allow_errors": config.execution_allow_errors,
        "timeout": config.execution_timeout,
    }
    return notebook if needed and not config.execution_in_temp else None, options


def key(notebook, cwd, **options):
    """Return all that an execution depends on: folder, kernel, options and cells."""
    cells = tuple((cell.source, *cell.metadata.get("tags", [])) for cell in code(notebook))
    kernel = notebook.metadata.get("kernelspec", {}).get("name")
    return cwd, kernel, options["timeout"], options["allow_errors"], cells


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def run(turns, future, notebook, options):
    with turns:
        if future.set_running_or_notify_cancel():
            future.set_result(execute(notebook, **options))


def execute(notebook, cwd, **options):
    """Execute a notebook in place; a failure of its kernel is part of the result."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        if os.name == "posix" and len(os.fsencode(folder)) < LONGEST:
            sockets = {"transport": "ipc", "ip": f"{folder}/kernel"}
            options["config"] = Config(KernelManager=sockets)
        try:
            return single_nb_execution(notebook, cwd, **options)
        except Exception as error:  # a kernel that does not start, or that was killed
            return ExecutionResult(notebook, cwd, 0, error, traceback.format_exc())


def result_of(notebook, cwd, **options):
    """Return the result of executing a notebook, waiting for its kernel if one was started."""
    future = running.get(key(notebook, cwd, **options))
    if future is None:
        return execute(notebook, cwd, **options)
    try:
        result = future.result()
    except KeyboardInterrupt as interrupt:
        stop(None, interrupt)
        raise
    for cell, executed in zip(code(notebook), code(result.nb), strict=True):
        cell.outputs = copy.deepcopy(executed.outputs)
        cell.execution_count = executed.execution_count
    for name in ["language_info", "widgets"]:
        if name in result.nb.metadata:
            notebook.metadata[name] = result.nb.metadata[name]
    return ExecutionResult(notebook, cwd, result.time, result.err, result.exc_string)


def stop(app, exception):
    """Kill the kernels that are still running if the build ends early."""
    if exception:
        for future in running.values():
            future.cancel()
        for kernel in psutil.Process().children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                kernel.kill()
    running.clear()
