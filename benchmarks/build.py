"""Compare the build times of this book and of a stock book with the same chapters, in one run.

    python3 tools/venv.py python benchmarks/build.py [COPIES ...]

The stock book has the same pages and the same `execute_notebooks: cache`, but none of our
configuration and extensions, except autodoc and numpydoc, which one of the pages needs. For each
number in COPIES, books with that many copies of each chapter are timed, too. Each copy has its own
labels and its own first line, so that the caches treat it as a different chapter.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

import yaml

ROOT = Path(__file__).parents[1]
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
CHAPTERS = [entry["file"] for part in TOC["parts"][:1] for entry in part["chapters"]]
STOCK = {
    "title": "Seeing with Convolutions",
    "execute": {"execute_notebooks": "cache", "timeout": 120},
    "parse": {"myst_enable_extensions": ["amsmath", "colon_fence", "deflist", "dollarmath"]},
    "bibtex_bibfiles": ["book/references.bib"],
    "only_build_toc_files": True,
    "sphinx": {"extra_extensions": ["sphinx.ext.autodoc", "numpydoc"]},
}
LABEL = re.compile(r"(?:^ *:?name: |^\(|^\$\$ \()([a-z][\w-]+)", re.MULTILINE)
TARGET = r"((?:[`<]|\]\(#?|name: |^\(|^\$\$ \()(?:{}))(?=[`>)]|$)"
KEPT = {"python3", *(path.stem for path in (ROOT / "book" / "explorables").glob("*.js"))}
FIRST_CELL = "```{code-cell} ipython3\n"


def main() -> None:
    for copies in [1, *map(int, sys.argv[1:])]:
        with tempfile.TemporaryDirectory() as folder:
            books = {"stock": Path(folder, "stock"), "ours": Path(folder, "ours")}
            for kind, book in books.items():
                make_book(book, copies, stock=kind == "stock")
            for what, (rounds, change) in CHANGES.items():
                times = {"stock": [], "ours": []}
                for number in range(rounds):
                    for kind, book in books.items():
                        change(book / f"{CHAPTERS[0]}.md", number)
                        times[kind].append(build(book))
                ours, stock = median(times["ours"]), median(times["stock"])
                print(
                    f"{copies * len(CHAPTERS):3} chapters, {what:20} "
                    f"ours {ours:6.1f} s, stock {stock:6.1f} s: {ours / stock:.2f}",
                    flush=True,
                )


def make_book(book, copies, *, stock):
    hidden = shutil.ignore_patterns(".*", "_build", "__pycache__", "tests")
    shutil.copytree(ROOT, book, ignore=hidden)
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    for name in CHAPTERS:
        text = (book / f"{name}.md").read_text(encoding="utf-8")
        labels = set(LABEL.findall(text)) - KEPT
        for number in range(2, copies + 1):
            copy = re.sub(TARGET.format("|".join(labels)), rf"\1-copy-{number}", text, flags=re.M)
            copy = copy.replace(FIRST_CELL, f"{FIRST_CELL}# copy {number}\n", 1)
            (book / f"{name}-{number}.md").write_text(copy, encoding="utf-8")
            toc["parts"][0]["chapters"].append({"file": f"{name}-{number}"})
    (book / "_toc.yml").write_text(yaml.safe_dump(toc), encoding="utf-8")
    if stock:
        (book / "_config.yml").write_text(yaml.safe_dump(STOCK), encoding="utf-8")


def build(book):
    start = perf_counter()
    done = subprocess.run(
        ["jupyter-book", "build", "."],
        cwd=book, env=os.environ | {"PYTHONPATH": str(book)}, capture_output=True, text=True,
    )  # fmt: skip
    seconds = perf_counter() - start
    if done.returncode:
        sys.exit(done.stdout[-3000:] + done.stderr[-3000:])
    return seconds


def lengthen(phrase):
    def change(path, number):
        text = path.read_text(encoding="utf-8")
        if phrase not in text:
            sys.exit(f"{path.name} no longer contains {phrase!r}")
        path.write_text(text.replace(phrase, f"{phrase}, {number}", 1), encoding="utf-8")

    return change


def leave(path, number):
    """Change nothing."""


CHANGES = {  # name: number of runs, of which the median is reported, and change
    "cold": (1, leave),
    "nothing changed": (3, leave),
    "a paragraph changed": (3, lengthen("The portrait shows Grace Hopper")),
    "a cell changed": (3, lengthen("print((patch * kernel).sum()")),
}


if __name__ == "__main__":
    main()
