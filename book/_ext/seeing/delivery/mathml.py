"""Formulas are written as MathML, which browsers draw themselves.

Sphinx leaves them to MathJax: a script of its own, fetched from another host, that runs on every
page before a formula can be read. math-core translates TeX to MathML while the book is built. So no
script is needed, formulas are there at once and offline, and screen readers know them.

Browsers draw large sums and brackets if a font tells them how. Many phones have none that does: the
glyphs that the formulas use, of STIX Two Math, come with the book and are fetched where it is so.
"""

import re
import unicodedata
from html import escape, unescape
from importlib.metadata import distribution
from pathlib import Path

from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

from seeing.delivery import glyphs

log = logging.getLogger(__name__)
FORMULA = re.compile(r"<math.*?</math>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")
RADICAL = re.compile(r"(?=<msqrt|<mroot)")  # is not written, but drawn
ITALICS = [0x210E, *range(0x1D434, 0x1D455), *range(0x1D456, 0x1D468), 0x1D6A4, 0x1D6A5]
ITALICS += range(0x1D6E2, 0x1D71C)
# Browsers draw a variable as another character: x as that of which Unicode says "<font> 0078".
DRAWN = {chr(int(unicodedata.decomposition(chr(code)).split()[1], 16)): code for code in ITALICS}

MACROS = {  # which math-core 0.9 does not know
    "argmax": r"\operatorname*{arg\,max}",
    "argmin": r"\operatorname*{arg\,min}",
    "dotsb": r"\cdots",
    "dotsc": r"\ldots",
    "mbox": r"\text{#1}",
    "substack": r"\begin{subarray}{c}#1\end{subarray}",
}
EDGE = r"(\\(?:begin|end)\{)"
TAGGED = r"align|gather|equation|multline"  # environments that may show a \tag
REWRITTEN = [  # which it does not know either, or takes for something else
    (rf"{EDGE}split\}}", r"\1aligned}"),
    (r"(\\begin\{align(?:ed)?)at\*?\}\s*\{\d+\}|(\\end\{align(?:ed)?)at\*?\}", r"\1\2}"),
    (rf"{EDGE}({TAGGED})\}}", r"\1\2*}"),  # it is Sphinx that counts
    (r"\\(?:notag|nonumber)(?![a-zA-Z])", ""),
    (r"(\\begin\{(?:aligned|gathered)\})\s*\[\w\]", r"\1"),
    (r"\\begin\{eqnarray\*?\}", r"\\begin{array}{rcl}"),
    (r"\\end\{eqnarray\*?\}", r"\\end{array}"),
    (r"\\begin\{smallmatrix\}", r"\\begin{subarray}{c}"),
    (r"\\end\{smallmatrix\}", r"\\end{subarray}"),
    (r"\\hspace\*", r"\\hspace"),
    (r"\\mathop\s*\{\s*\\(?:mathrm|text)\s*\{([^{}]*)\}\s*\}", r"\\operatorname*{\1}"),
    (r"\\\\(?:\*|\s*\[-?[\d.]+\s*[a-z]+\])+", r"\\\\"),
    (r"\n\s*\n", r"\\\\"),  # as Sphinx does for LaTeX
    (r"(?<!\\tag\{)(?<=[^\\])\$([^$]*)\$", r"}\1\\text{"),  # in \text{for all $x$}
]
DRAWN_ALIKE = [  # Chromium, Firefox and WebKit differ on what math-core writes
    # A minus at the head of a cell is that of a number, which math-core sees in the first only.
    (r"(<mtd\b[^>]*>)<mo>([−+±∓])", r'\1<mo form="prefix" lspace="0" rspace="0">\2'),
    # WebKit puts an accent as high as a limit unless it may stretch, as arrows do too far.
    (r'<mo(?: stretchy="false")?>([^⃗])</mo></mover>', r'<mo stretchy="true">\1</mo></mover>'),
    # Chromium cannot stretch the arrow of STIX Two Math that points to the right.
    (r"(<mo[^>]*>)→(?=</mo><m(?:over|under)>)", r"\1⟶"),
    # Chromium does not know menclose: the style sheet draws it.
    (r'<menclose notation="([\w ]+)">', r'<mrow class="\1">'),
    (r'<mrow class="menclose-\w+"></mrow>', ""),
    ("</menclose>", "</mrow>"),
]
TAG_SHOWN = re.compile(rf"\\begin\{{({TAGGED})\*")
INNER = re.compile(r"\\begin\{(\w+\*?)\}.*?\\end\{\1\}", re.DOTALL)
ROWS = re.compile(r"\\\\|(?<!\\)&")
REFERENCE = re.compile(r"\\(?:eq)?ref(?![a-zA-Z])")
POSITION = re.compile(r"^\d+: ")  # in the TeX as it is rewritten here
LABEL = re.compile(r"\\label\s*\{([^{}]*)\}\s*")
translator = LatexToMathML(macros=MACROS, fancy_error=False, allow_unreliable_rendering=True)


def setup(app):
    app.add_transform(Labels)
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    app.connect("pages-written", write_font)


class Labels(SphinxTransform):
    r"""A \label names the formula, as `$$ (label)` does, and a \tag stands for its number."""

    default_priority = 200  # before targets pass their names to what they are targets of

    def apply(self):
        for block in list(self.document.findall(nodes.math_block)):
            tex = block.astext()
            labels = LABEL.findall(tex)
            environment = "amsmath" in block["classes"]  # MyST has given it a random label
            if len(labels) + bool(block.get("label") and not environment) > 1:
                log.warning(
                    "a formula has one number, so one label: %s. Write a formula for each.",
                    ", ".join(filter(None, [not environment and block["label"], *labels])),
                    location=block,
                    type="math",
                )
            elif r"\tag" in tex and (labels or (not environment and block.get("label"))):
                log.warning(
                    r"a formula has a \tag or a label: {eq} would give a number, not the \tag. "
                    "Write one of the two.",
                    location=block,
                    type="math",
                )
            elif labels or (environment and r"\tag" in tex):
                self.rename(block, *labels)
            block[:] = [nodes.Text(LABEL.sub("", tex))]

    def rename(self, block, label=None):
        domain = self.env.get_domain("math")
        if block.get("label"):
            del domain.equations[block["label"]]
            block.parent.remove(block.previous_sibling())
        block["label"] = block["number"] = label
        if label:
            domain.note_equation(self.env.docname, label, location=block)
            block["number"] = domain.get_equation_number_for(label)
            block["docname"] = self.env.docname
            target = nodes.target("", "", ids=[nodes.make_id(f"equation-{label}")])
            self.document.note_explicit_target(target)
            block.parent.insert(block.parent.index(block), target)


def translate(tex, block=False):
    """Return the MathML of a formula; an error says what is wrong with it."""
    if REFERENCE.search(tex):
        raise ValueError("A formula cannot refer to another. Write {eq}`label` in the text.")
    tex = tex.strip()
    for pattern, replacement in REWRITTEN:
        tex = re.sub(pattern, replacement, tex)
    if r"\tag" not in tex:  # so that it need not be as wide as the text
        tex = re.sub(rf"{EDGE}(align|gather)\*", r"\1\2ed", tex)
        tex = re.sub(r"\\(begin|end)\{equation\*\}", "", tex)
    elif block and not TAG_SHOWN.search(tex):
        tex = rf"\begin{{equation*}}{tex}\end{{equation*}}"
    if block and ROWS.search(INNER.sub("", tex)):  # as Sphinx does for LaTeX
        tex = rf"\begin{{aligned}}{tex}\end{{aligned}}"
    mathml = translator.convert_with_local_state(tex, displaystyle=block)
    for pattern, replacement in DRAWN_ALIKE:
        mathml = re.sub(pattern, replacement, mathml)
    return mathml


def formula(node, block=False):
    """Return the MathML of a node; where there is none, its TeX, and warn."""
    tex = node.astext()
    try:
        return translate(tex, block)
    except (LatexError, ValueError) as error:
        log.warning(
            'cannot translate the formula "%s": %s See "Write a formula" in CONTRIBUTING.md.',
            " ".join(tex.split()),
            POSITION.sub("", str(error)),
            location=node,
            type="math",
        )
        return f"<pre>{escape(tex)}</pre>" if block else f"<code>{escape(tex)}</code>"


def visit_inline(self, node):
    self.body.append(self.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    self.body.append(formula(node) + "</span>")
    raise nodes.SkipNode


def visit_block(self, node):
    # It scrolls where there is no room for it, which the arrow keys can do if it has the focus.
    self.body.append(self.starttag(node, "div", CLASS="math notranslate nohighlight", tabindex=0))
    if node["number"]:
        number = get_node_equation_number(self, node)
        self.body.append(f'<span class="eqno">({number})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(formula(node, block=True) + "</div>\n")
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
