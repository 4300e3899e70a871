"""Each chapter can be downloaded as a notebook without outputs.

The theme only offers the executed notebook, which contains all answers. Here the source is
converted without outputs. Code that is folded in the book is folded in the notebook, too, and a
first cell installs convtools if it is missing. The text stays MyST Markdown; the first cell names
the extension of JupyterLab that renders it as in the book.
"""

from pathlib import Path

import nbformat
from myst_nb.core.read import read_myst_markdown_notebook

from seeing.delivery.edition import DISTRIBUTION

FOLDED = {"hide-input", "hide-cell"}
TEXT = """\
# The text of this notebook is MyST Markdown. JupyterLab with the extension jupyterlab-myst shows it
# as the book does; other programs show some of the markup, such as {term}`kernel`.
"""
INSTALL = """\
# The cells need the book's package convtools. If it is missing, it is installed here, which
# requires git.
from importlib.metadata import distributions

installed = {{found.metadata["Name"] for found in distributions()}}
if "convtools" in installed:
    raise ImportError(
        "Another package called convtools is installed, not the book's. Run "
        "`%pip uninstall -y convtools`, restart the kernel, and run this cell again."
    )
if "{name}" not in installed:
    %pip install --quiet "{name}[chapters] @ git+{url}@{branch}"
"""
NO_URL = """\
# The cells need the book's package convtools. If it is missing, install it from the book's folder
# (PyPI has another package of that name):
# %pip install "FOLDER[chapters]"
"""


def setup(app):
    # Before the theme, which makes its buttons at 501 and may write the executed notebook here.
    app.connect("html-page-context", offer, priority=500)
    written = []  # the pages of this build
    app.connect("html-page-context", lambda app, name, *_: written.append(name))
    # At the end, because Sphinx copies the source of a page, maybe a notebook, to the same file.
    app.connect("build-finished", lambda app, exception: exception or write(app, written))


def has_cells(app, pagename):
    return "kernelspec" in app.env.metadata.get(pagename, {})


def offer(app, pagename, templatename, context, doctree):
    if has_cells(app, pagename):
        context["ipynb_source"] = f"{pagename}.ipynb"


def write(app, names):
    first = first_cell(app.config.html_theme_options)
    for name in names:
        if has_cells(app, name):
            target = Path(app.outdir, "_sources", f"{name}.ipynb")
            target.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(convert(app.env.doc2path(name), first), target)


def first_cell(options):
    """Return the code of the first cell, which installs convtools, given the theme's options."""
    url, branch = options["repository_url"], options["repository_branch"]
    install = INSTALL.format(name=DISTRIBUTION, url=url, branch=branch)
    return TEXT + (install if url else NO_URL)


def convert(source, first):
    text = Path(source).read_text(encoding="utf-8")
    if source.endswith(".ipynb"):
        notebook = nbformat.reads(text, as_version=4)
    else:
        notebook = read_myst_markdown_notebook(text, path=source)
    notebook.metadata.pop("jupytext", None)  # describes the source, not this notebook
    notebook.cells.insert(0, nbformat.v4.new_code_cell(first.rstrip()))
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"  # random ids would make each build different
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if FOLDED & set(cell.metadata.get("tags", [])):
            cell.metadata.setdefault("jupyter", {})["source_hidden"] = True
    return notebook
