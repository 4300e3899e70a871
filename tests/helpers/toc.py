"""The pages that the tests look at: those of this list that the table of contents has.

They follow the rules of this book. Whoever adds a chapter of another kind, renames one or leaves
one out, need not change a test; a chapter that should follow the rules is added here.
"""

from pathlib import Path

from sphinx_external_toc.parsing import parse_toc_yaml

ROOT = Path(__file__).parents[2]
CHAPTERS = [
    "convolution", "deep-learning", "pytorch-layers", "think", "weights", "complex-cells",
    "why-cnns", "next",
]  # fmt: skip
APPENDIX = ["run", "teach", "conventions", "data", "corrections", "glossary", "api", "references"]


def listed(names):
    toc = parse_toc_yaml(ROOT / "_toc.yml", encoding="utf-8")
    return [f"book/{name}" for name in names if f"book/{name}" in toc]


chapters = listed(CHAPTERS)
pages = listed(["index", *CHAPTERS, *APPENDIX])
complete = len(chapters) == len(CHAPTERS)
