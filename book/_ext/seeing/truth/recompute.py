"""Chapters are executed again when the code they import or the data they read has changed.

MyST-NB caches the outputs of a chapter as long as its cells do not change. It ignores changes of
the package that the cells import and of the data that they read, so that the book would show
outdated results. Here the metadata of each notebook, which is part of its key in the cache, has a
digest of the files in `recompute_when_changed`, of the modules in the chapter's folder if it
imports one, and of the files listed in its first lines, relative to that folder:

    depends_on: [measured.csv]

Earlier outputs are found again when the files return to their earlier state, for example on another
branch. A change of prose executes nothing.

Sphinx also ignores changes of local extensions, scripts and style sheets; if no page is out of
date, it does not even copy them. A change of the files in `reread_when_changed` makes it read all
pages again, with the cached outputs.
"""

import hashlib
import os
import re
import sys
from glob import glob
from pathlib import Path

from myst_nb import sphinx_
from myst_nb.core.execute import NotebookClientBase
from nbformat import NotebookNode
from sphinx.util import logging

IMPORTED = re.compile(r"^[ \t]*(?:import|from)[ \t]+(\w+)", re.MULTILINE)
create_client = sphinx_.create_client
logger = logging.getLogger(__name__)


def setup(app):
    app.add_config_value("recompute_when_changed", [], "env", list)
    app.add_config_value("reread_when_changed", [], "env", list)
    app.add_config_value("recompute_digest", "", "env", str)
    app.add_config_value("reread_digest", "", "env", str)
    app.add_config_value("rewrite_digest", "", "html", str)  # needed if a link check has read them
    app.connect("config-inited", take_digests)
    app.connect("env-get-outdated", find_outdated)

    def create(notebook, source, *others):
        if not any(cell.cell_type == "code" for cell in notebook.cells):
            # The source names a kernel anyway, because JupyterLab would ask for one.
            notebook.metadata.pop("kernelspec", None)
            return NotebookClientBase(notebook, Path(source), *others[:2])
        mark(notebook, Path(source), app.config.recompute_digest)
        return create_client(notebook, source, *others)

    sphinx_.create_client = create


def take_digests(app, config):
    code = digest(app.srcdir, config.recompute_when_changed)
    config.recompute_digest = f"{code} {sys.version}"
    config.reread_digest = config.rewrite_digest = digest(app.srcdir, config.reread_when_changed)


def mark(notebook, path, code):
    """Put the digests of a notebook's sources into the metadata that the cache compares."""
    files = notebook.metadata.get("depends_on", [])
    files = list(map(str, files if isinstance(files, list) else [files]))
    for pattern in files:
        if not matching(path.parent, pattern):
            message = f"depends_on: no file matches {pattern!r} in the folder of {path.name}"
            logger.warning(message, location=first_line(path), once=True)  # pages are read twice
    cells = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    if any(module.stem in IMPORTED.findall(cells) for module in path.parent.glob("*.py")):
        files.append("*.py")  # one module may import another
    kernel = notebook.metadata.setdefault("kernelspec", NotebookNode(name="python3"))
    kernel["computed_from"] = {"": code} | {
        pattern: digest(path.parent, [pattern]) for pattern in files
    }


def first_line(path):
    """Return the location of `depends_on` in a page."""
    lines = path.read_text(encoding="utf-8").splitlines()
    [number, *_] = [i for i, line in enumerate(lines, 1) if "depends_on" in line] or [1]
    return f"{path}:{number}"


def find_outdated(app, env, added, changed, removed):
    """Return the pages whose files have changed."""
    return [
        name
        for name in env.found_docs - added - changed
        for pattern, before in computed_from(env, name).items()
        if pattern and digest(Path(env.doc2path(name)).parent, [pattern]) != before
    ]


def computed_from(env, name):
    return env.metadata[name].get("kernelspec", {}).get("computed_from", {})


def digest(root, patterns):
    """Return a short digest of the names and contents of the matching files."""
    total = hashlib.sha256()
    for path in sorted(path for pattern in patterns for path in matching(root, pattern)):
        if path.is_file() and "__pycache__" not in path.parts:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            total.update(f"{os.path.relpath(path, root)} {content}\n".encode())
    return total.hexdigest()[:16]


def matching(root, pattern):
    """Return the matching paths, and the content of the folders among them."""
    found = {Path(root, name) for name in glob(pattern, root_dir=root, recursive=True)}
    return found.union(*(path.rglob("*") for path in found))
