"""A small book with the real configuration and extension, for tests of builds."""

import os
import shutil
import subprocess
import sysconfig
from copy import copy
from pathlib import Path

import yaml
from bs4 import BeautifulSoup
from PIL import Image

from helpers import builder
from helpers.toc import ROOT

JUPYTER_BOOK = Path(sysconfig.get_path("scripts"), "jupyter-book")
TOC = {"format": "jb-book", "root": "book/index", "chapters": [{"file": "book/chapter"}]}
INDEX = "# A small book\n"
BIBLIOGRAPHY = "@misc{marr1982, author={David Marr}, title={Vision}, year={1982}}\n"
DRAWING = "<svg xmlns='http://www.w3.org/2000/svg' width='150pt' height='75pt'></svg>"
NOTEBOOK = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  name: python3
  display_name: Python 3
---

"""
CHAPTER = f"""\
{NOTEBOOK}# A chapter

Prose, {{numref}}`drawing` and {{cite:t}}`marr1982`.

```{{code-cell}} python
---
mystnb:
  figure:
    name: drawing
    caption: A drawing.
  image:
    alt: An empty drawing
---
import convtools
from IPython.display import SVG
print(f"the value is {{convtools.VALUE}}", file=open("executions.log", "a"))
SVG("{DRAWING}")
```

```{{code-cell}} python
convtools.VALUE
```

```{{figure}} walk.gif
:name: walk
:alt: A square that turns white

A walk.
```

```{{bibliography}}
```
"""


class Book:
    """A small book in its own folder."""

    def __init__(self, folder):
        self.folder = folder
        parts = [f"book/{part}" for part in ["_ext", "_static", "_templates", "explorables"]]
        parts.append("convtools/plotting/palette.json")
        for part in ["_config.yml", "requirements.txt", *parts]:
            (folder / part).parent.mkdir(parents=True, exist_ok=True)
            copy_part = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            copy_part(ROOT / part, folder / part)
        config = self.config()
        for setting in ["logo", "html_logo"]:  # a fork may have a logo that this book lacks
            config.pop(setting, None)
        config["sphinx"].pop("extra_extensions", None)
        config["sphinx"]["config"] |= {"language": "en", "allowed_sources": {}}
        self.write("_config.yml", yaml.safe_dump(config, sort_keys=False))
        self.write("_toc.yml", yaml.safe_dump(TOC))
        self.write("book/index.md", INDEX)
        self.write("book/references.bib", BIBLIOGRAPHY)
        self.write("book/chapter.md", CHAPTER)
        self.write("convtools/__init__.py", "VALUE = 41\n")
        black, white = (Image.new("L", (80, 40), level) for level in (0, 255))
        black.save(folder / "book/walk.gif", save_all=True, append_images=[white])

    def config(self):
        return yaml.safe_load((self.folder / "_config.yml").read_text(encoding="utf-8"))

    def configure(self, settings=None, **others):
        """Change the configuration: `settings` of Sphinx, and others at the top level."""
        config = self.config()
        config["sphinx"]["config"] |= settings or {}
        for name, value in others.items():
            config[name] = config[name] | value if isinstance(value, dict) else value
        self.write("_config.yml", yaml.safe_dump(config, sort_keys=False))

    def write(self, name, text):
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text, encoding="utf-8")

    def environment(self):
        return os.environ | {"PYTHONPATH": str(self.folder)}

    def build(self, *options, path="."):
        """Build the book; return the exit code and the printed output."""
        return builder.build(self.folder, [path, *options], self.environment())

    def start(self, **options):
        """Start the build as a command, as a reader would."""
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True} | options
        return subprocess.Popen(
            [JUPYTER_BOOK, "build", "."], cwd=self.folder, env=self.environment(), **options
        )

    def make(self, *options):
        """Build without warnings; return the printed output."""
        code, printed = self.build(*options)
        assert code == 0, printed
        return printed

    def html(self, name):
        """Return a built page, parsed."""
        html = (self.folder / f"_build/html/{name}.html").read_bytes()
        return BeautifulSoup(html, "html.parser")

    def page(self):
        return self.html("book/chapter").article

    def keep(self, name="kept"):
        """Return a read-only copy of the book with all its files."""
        kept = copy(self)
        kept.folder, kept.original = self.folder.with_name(f"{self.folder.name}-{name}"), self
        shutil.copytree(self.folder, kept.folder)
        return kept

    def restored(self):
        """Return the original of a copy, with its files restored."""
        shutil.rmtree(self.original.folder)
        shutil.copytree(self.folder, self.original.folder)
        return self.original

    def executions(self):
        return len((self.folder / "book/executions.log").read_text(encoding="utf-8").splitlines())
