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

import glyphs
from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util.math import get_node_equation_number

FORMULA = re.compile(r"<math.*?</math>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")
RADICAL = re.compile(r"(?=<msqrt|<mroot)")  # is not written, but drawn
ITALICS = [0x210E, *range(0x1D434, 0x1D455), *range(0x1D456, 0x1D468), 0x1D6A4, 0x1D6A5]
ITALICS += range(0x1D6E2, 0x1D71C)
# Browsers draw a variable as another character: x as that of which Unicode says "<font> 0078".
DRAWN = {chr(int(unicodedata.decomposition(chr(code)).split()[1], 16)): code for code in ITALICS}


def setup(app):
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    app.connect("pages-written", write_font)
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


def write_font(app, pages):
    shown = characters(pages.values())
    font, stamp = Path(app.outdir, "_static", "math.woff"), Path(app.doctreedir, "math")
    package = distribution("ziamath")
    made_of = f"{sorted(shown)} {package.version} {Path(glyphs.__file__).read_text('utf-8')}"
    if shown and not (font.exists() and stamp.exists() and stamp.read_text("utf-8") == made_of):
        whole = package.locate_file("ziamath/fonts/STIXTwoMath-Regular.ttf")
        font.write_bytes(glyphs.subset(whole, shown))
        stamp.write_text(made_of, "utf-8")


def characters(pages):
    """Return the code points of what the formulas of pages show."""
    formulas = "".join(formula for html in pages for formula in FORMULA.findall(html))
    written = filter(str.isprintable, unescape(TAG.sub("", RADICAL.sub("√", formulas))))
    return {code for letter in written for code in [ord(letter), DRAWN.get(letter, ord(letter))]}
