"""Fonts come with the glyphs that the pages show, and no others."""

import logging
from io import BytesIO

from fontTools.ttLib import TTFont

LEGAL = [0, 13, 14]  # whose work the font is, and on what terms it may be passed on
logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells what it does to each table


def subset(path, characters):
    """Return a font of `characters`, and of what stands for them in formulas, as WOFF."""
    from fontTools.subset import Options, Subsetter  # slow to load

    font = TTFont(path, recalcTimestamp=False)
    subsetter = Subsetter(Options(hinting=False, layout_features=["ssty"], name_IDs=LEGAL))
    subsetter.populate(unicodes=characters & font.getBestCmap().keys())
    subsetter.subset(font)
    font.flavor = "woff"
    file = BytesIO()
    font.save(file)
    return file.getvalue()
