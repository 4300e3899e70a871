"""Formulas are written as MathML, which browsers draw themselves.

Sphinx leaves them to MathJax: a script of its own, fetched from another host, that runs on every
page before a formula can be read. docutils can translate TeX to MathML while the book is built, but
Sphinx does not offer that. So no script is needed, formulas are there at once and offline, and
screen readers know them.

Browsers draw large sums and brackets if a font tells them how. Many phones have none that does: the
glyphs that the formulas use, of STIX Two Math, come with the book and are fetched where it is so.
"""

import re
import unicodedata
from html import unescape
from importlib.metadata import distribution
from pathlib import Path

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from fontTools.ttLib import TTFont
from glyphs import subset
from pages import pages
from sphinx.util.math import get_node_equation_number

FORMULA = re.compile(r"<math.*?</math>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")
ROOT = re.compile(r"(?=<msqrt|<mroot)")  # whose sign is not written, but drawn
# Browsers draw a variable, such as x, as one of these. Planck's constant takes the place of h.
ITALICS = [*map(chr, range(0x1D434, 0x1D455)), "\u210e", *map(chr, range(0x1D456, 0x1D468))]
ITALICS += map(chr, range(0x1D6E2, 0x1D71C))


def setup(app):
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    app.connect("build-finished", write_font)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def visit_inline(self, node):
    self.body.append(self.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    self.body.append(tex2mathml(node.astext()) + "</span>")
    raise nodes.SkipNode


def visit_block(self, node):
    # It scrolls where there is no room for it, which the arrow keys can do if it has the focus.
    self.body.append(self.starttag(node, "div", CLASS="math notranslate nohighlight", tabindex=0))
    if node["number"]:
        number = get_node_equation_number(self, node)
        self.body.append(f'<span class="eqno">({number})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(tex2mathml(node.astext(), as_block=True) + "</div>\n")
    raise nodes.SkipNode


def write_font(app, exception):
    shown = characters(pages(app, exception).values())
    font = Path(app.outdir, "_static", "math.woff")
    if shown and not (font.exists() and shown <= TTFont(font).getBestCmap().keys()):
        whole = distribution("ziamath").locate_file("ziamath/fonts/STIXTwoMath-Regular.ttf")
        font.write_bytes(subset(whole, shown))


def characters(pages):
    """Return the code points of what the formulas of pages show."""
    formulas = "".join(formula for html in pages for formula in FORMULA.findall(html))
    written = set(unescape(TAG.sub("", ROOT.sub("√", formulas))))
    italics = {letter for letter in ITALICS if unicodedata.normalize("NFKC", letter) in written}
    return {ord(letter) for letter in written | italics if letter.isprintable()}
