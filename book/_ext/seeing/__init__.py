"""The Sphinx extension of this book, in three rooms:

authoring  what an author writes: a quiz, an exercise, an interactive figure, a feedback form
truth      a build that cannot lie: each fault fails it, and says where and what to write
delivery   what a page weighs and looks like
"""

from pathlib import Path

import yaml

MODULES = [  # in the order in which they are set up
    "truth.alone",  # before anything is written
    "truth.strict",
    "delivery.words",
    "truth.located",
    "truth.recompute",
    "truth.parallel",
    "delivery.pages",
    "truth.draft",
    "delivery.look",
    "delivery.palette",
    "delivery.scripts",
    "delivery.accessible",
    "delivery.lean",
    "delivery.policy",  # after all that change the pages
    "delivery.figures",
    "delivery.mathml",
    "delivery.typography",
    "truth.streams",
    "delivery.repository",
    "delivery.edition",
    "authoring.div",
    "authoring.folds",
    "authoring.tasks",
    "delivery.outputs",
    "delivery.design",
    "authoring.quiz",
    "authoring.explorable",
    "authoring.feedback",
    "authoring.functions",
    "delivery.downloads",
]


def setup(app):
    for extension in [*(f"seeing.{module}" for module in MODULES), *extras(app)]:
        app.setup_extension(extension)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def extras(app):
    """Return `sphinx: extra_extensions:` of `_config.yml`.

    Jupyter Book adds them to its own list, which the one in `sphinx: config: extensions:` replaces.
    """
    config = Path(app.confdir or app.srcdir, "_config.yml")
    settings = yaml.safe_load(config.read_text(encoding="utf-8")) if config.exists() else {}
    names = (settings.get("sphinx") or {}).get("extra_extensions") or []
    return [names] if isinstance(names, str) else names
