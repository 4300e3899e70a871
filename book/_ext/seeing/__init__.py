"""The Sphinx extension of this book. README.md, beside this file, lists its modules.

Where the order of two steps matters, one has a `priority=` and a comment with the reason.
"""

import os
from importlib import import_module
from pathlib import Path

import yaml

FIRST = [
    "truth.alone",  # waits for another build to end before anything is read or written
    "truth.strict",  # records all warnings, including those of setting up the others
    "delivery.pages",  # adds an event that other modules connect to
]
# Jupyter Book's own list also has live cells, which log an error, and togglebuttons, which `folds`
# replaces. Both put scripts and styles on every page that this book does not need.
THIRD_PARTY = [
    "jupyter_book",
    "myst_nb",
    "sphinx_external_toc",
    "sphinx_book_theme",
    "sphinx_comments",  # loads nothing; without it, a default setting of Jupyter Book is a warning
    "sphinx_copybutton",
    "sphinx_design",  # cards, grids, tabs
    "sphinxcontrib.bibtex",
    "sphinx.ext.autodoc",
    "numpydoc",
]
FOLDERS = {  # after the third-party extensions, because they replace some of their directives
    "authoring": [
        "admonition", "div", "exercise", "explorable", "feedback", "folds", "functions",
        "prediction", "quiz", "tasks",
    ],
    "truth": ["draft", "located", "parallel", "recompute", "streams"],
    "delivery": [
        "downloads", "edition", "figures", "lean", "mathml", "outputs", "palette", "policy",
        "repairs", "repository", "typography", "words",
    ],
}  # fmt: skip


TEMPLATES = Path(__file__).parents[2] / "_templates"


def setup(app):
    app.connect("config-inited", add_templates)
    set_up(app, FIRST)
    for extension in THIRD_PARTY:
        app.setup_extension(extension)
    for folder, names in FOLDERS.items():
        set_up(app, [f"{folder}.{name}" for name in names])
    for extension in extras(app):
        app.setup_extension(extension)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def set_up(app, names):
    for name in names:
        import_module(f"seeing.{name}").setup(app)


def add_templates(app, config):
    """Add the templates of this book after those of `templates_path:`, which take precedence."""
    config.templates_path.append(os.path.relpath(TEMPLATES, app.confdir))


def extras(app):
    """Return `sphinx: extra_extensions:` of `_config.yml`.

    Jupyter Book adds them to its own list, which the one in `sphinx: config: extensions:` replaces.
    """
    config = Path(app.confdir or app.srcdir, "_config.yml")
    settings = yaml.safe_load(config.read_text(encoding="utf-8")) if config.exists() else {}
    names = (settings.get("sphinx") or {}).get("extra_extensions") or []
    return [names] if isinstance(names, str) else names
