"""The pages to test, which are those of this list that are in the table of contents.

They must follow the rules of this book. A fork that adds, renames or removes a chapter need not
change a test; add a new chapter here if it should follow the rules.
"""

from pathlib import Path

from sphinx_external_toc.parsing import parse_toc_yaml

ROOT = Path(__file__).parents[2]
CHAPTERS = [
    "convolution", "deep-learning", "pytorch-layers", "think", "weights", "complex-cells",
    "learning", "natural-images", "neurons", "why-cnns", "next",
]  # fmt: skip
APPENDIX = ["run", "teach", "conventions", "data", "corrections", "glossary", "api", "references"]


def listed(names):
    toc = parse_toc_yaml(ROOT / "_toc.yml", encoding="utf-8")
    return [f"book/{name}" for name in names if f"book/{name}" in toc]


chapters = listed(CHAPTERS)
pages = listed(["index", *CHAPTERS, *APPENDIX])
complete = len(chapters) == len(CHAPTERS)
