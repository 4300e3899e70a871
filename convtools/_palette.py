"""The colours of the book: of its figures, its pages and its interactive figures.

`plotting/palette.json` has all of them. `cycle` are those of Okabe and Ito, which the colour-blind
can tell apart, in the order of a figure's lines; `light` and `dark` are those of a page in either
theme, and `any` those that do not change. Figures are drawn on white, with the colours of `light`.
"""

import json
from pathlib import Path

__all__ = ["PALETTE"]

PALETTE = json.loads(
    Path(__file__).with_name("plotting").joinpath("palette.json").read_text(encoding="utf-8")
)
