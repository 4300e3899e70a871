"""Fonts are reduced to the glyphs that the pages show."""

import logging
from io import BytesIO

from fontTools.ttLib import TTFont

LEGAL = [0, 13, 14]  # name records: copyright, licence, URL of the licence
logging.getLogger("fontTools").setLevel(logging.WARNING)  # it logs each table


def subset(path, characters):
    """Return a WOFF font of `characters` and their variants in formulas."""
    from fontTools.subset import Options, Subsetter  # slow to load

    font = TTFont(path, recalcTimestamp=False)
    subsetter = Subsetter(Options(hinting=False, layout_features=["ssty"], name_IDs=LEGAL))
    subsetter.populate(unicodes=characters & font.getBestCmap().keys())
    subsetter.subset(font)
    font.flavor = "woff"
    file = BytesIO()
    font.save(file)
    return file.getvalue()
