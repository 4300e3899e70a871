"""The chapters are executed again when what they import or read has changed.

MyST-NB keeps a chapter's outputs for as long as its cells stay the same. It does not look into the
package that the cells import, or the data that they read, so the book would go on showing what
yesterday's code computed from yesterday's data. Here the metadata of each notebook, by which the
cache knows it, has a digest of the files in `recompute_when_changed`, of the modules in the
chapter's folder if it imports one, and of the files that it names, as seen from there, in its first
lines:

    depends_on: [measured.csv]

What was computed before is found again when the files are as they were, on another branch say.
Prose is in no list and costs nothing.

Nor does Sphinx look into what makes the pages, its local extensions, scripts and style sheets: with
no page out of date, it does not even copy them. The files of `reread_when_changed` have the pages
read again, with the outputs that the cache keeps.
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
    app.add_config_value("rewrite_digest", "", "html", str)  # also if a link check has read them
    app.connect("config-inited", take_digests)
    app.connect("env-get-outdated", find_outdated)

    def create(notebook, source, *others):
        if not any(cell.cell_type == "code" for cell in notebook.cells):
            # It names a kernel all the same, or JupyterLab would ask for one.
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
    """Put what a notebook is computed from into the part of its metadata that the cache reads."""
    files = notebook.metadata.get("depends_on", [])
    files = list(map(str, files if isinstance(files, list) else [files]))
    for pattern in files:
        if not matching(path.parent, pattern):
            message = f"depends_on: no file matches {pattern!r} in the folder of {path.name}"
            logger.warning(message, location=first_line(path), once=True)  # it is read twice
    cells = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    if any(module.stem in IMPORTED.findall(cells) for module in path.parent.glob("*.py")):
        files.append("*.py")  # one module may import another
    kernel = notebook.metadata.setdefault("kernelspec", NotebookNode(name="python3"))
    kernel["computed_from"] = {"": code} | {
        pattern: digest(path.parent, [pattern]) for pattern in files
    }


def first_line(path):
    """Return where a page names its files."""
    lines = path.read_text(encoding="utf-8").splitlines()
    [number, *_] = [i for i, line in enumerate(lines, 1) if "depends_on" in line] or [1]
    return f"{path}:{number}"


def find_outdated(app, env, added, changed, removed):
    """Return the pages whose files are not what they were."""
    return [
        name
        for name in env.found_docs - added - changed
        for pattern, before in computed_from(env, name).items()
        if pattern and digest(Path(env.doc2path(name)).parent, [pattern]) != before
    ]


def computed_from(env, name):
    return env.metadata[name].get("kernelspec", {}).get("computed_from", {})


def digest(root, patterns):
    """Return a short digest of the names and the contents of the files that match."""
    total = hashlib.sha256()
    for path in sorted(path for pattern in patterns for path in matching(root, pattern)):
        if path.is_file() and "__pycache__" not in path.parts:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            total.update(f"{os.path.relpath(path, root)} {content}\n".encode())
    return total.hexdigest()[:16]


def matching(root, pattern):
    """Return the paths that match, with all that is in the folders among them."""
    found = {Path(root, name) for name in glob(pattern, root_dir=root, recursive=True)}
    return found.union(*(path.rglob("*") for path in found))
