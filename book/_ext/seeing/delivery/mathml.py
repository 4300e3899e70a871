"""Formulas are written as MathML, which browsers render natively.

Sphinx uses MathJax, a script from another host that must run on every page before a formula can be
read. math-core translates TeX to MathML when the book is built, so that formulas need no script,
are shown at once, also offline, and are accessible to screen readers.

Browsers can draw large sums and brackets only with a math font, which many phones lack. The book
includes the glyphs of STIX Two Math that its formulas use; browsers without a math font load them.
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
RADICAL = re.compile(r"(?=<msqrt|<mroot)")  # the sign is not in the text, but is drawn
ITALICS = [0x210E, *range(0x1D434, 0x1D455), *range(0x1D456, 0x1D468), 0x1D6A4, 0x1D6A5]
ITALICS += range(0x1D6E2, 0x1D71C)
# Browsers draw a variable x as the character that Unicode decomposes to "<font> 0078".
DRAWN = {chr(int(unicodedata.decomposition(chr(code)).split()[1], 16)): code for code in ITALICS}

MACROS = {  # missing in math-core 0.9
    "argmax": r"\operatorname*{arg\,max}",
    "argmin": r"\operatorname*{arg\,min}",
    "dotsb": r"\cdots",
    "dotsc": r"\ldots",
    "mbox": r"\text{#1}",
    "substack": r"\begin{subarray}{c}#1\end{subarray}",
}
EDGE = r"(\\(?:begin|end)\{)"
TAGGED = r"align|gather|equation|multline"  # environments that can have a \tag
REWRITTEN = [  # TeX that math-core does not know, or misinterprets
    (rf"{EDGE}split\}}", r"\1aligned}"),
    (r"(\\begin\{align(?:ed)?)at\*?\}\s*\{\d+\}|(\\end\{align(?:ed)?)at\*?\}", r"\1\2}"),
    (rf"{EDGE}({TAGGED})\}}", r"\1\2*}"),  # Sphinx numbers the equations
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
DRAWN_ALIKE = [  # MathML of math-core that Chromium, Firefox and WebKit draw differently
    # A minus at the start of a cell is a sign, which math-core recognizes only in the first cell.
    (r"(<mtd\b[^>]*>)<mo>([−+±∓])", r'\1<mo form="prefix" lspace="0" rspace="0">\2'),
    # WebKit places an accent as high as a limit unless it may stretch; arrows stretch too far.
    (r'<mo(?: stretchy="false")?>([^⃗])</mo></mover>', r'<mo stretchy="true">\1</mo></mover>'),
    # Chromium cannot stretch the right arrow of STIX Two Math.
    (r"(<mo[^>]*>)→(?=</mo><m(?:over|under)>)", r"\1⟶"),
    # Chromium does not support menclose, so the style sheet draws it.
    (r'<menclose notation="([\w ]+)">', r'<mrow class="\1">'),
    (r'<mrow class="menclose-\w+"></mrow>', ""),
    ("</menclose>", "</mrow>"),
]
TAG_SHOWN = re.compile(rf"\\begin\{{({TAGGED})\*")
INNER = re.compile(r"\\begin\{(\w+\*?)\}.*?\\end\{\1\}", re.DOTALL)
ROWS = re.compile(r"\\\\|(?<!\\)&")
REFERENCE = re.compile(r"\\(?:eq)?ref(?![a-zA-Z])")
POSITION = re.compile(r"^\d+: ")  # in the rewritten TeX, which the author does not see
LABEL = re.compile(r"\\label\s*\{([^{}]*)\}\s*")
translator = LatexToMathML(macros=MACROS, fancy_error=False, allow_unreliable_rendering=True)


def setup(app):
    app.add_transform(Labels)
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    app.connect("pages-written", write_font)


class Labels(SphinxTransform):
    r"""A \label names the formula, as `$$ (label)` does, and a \tag replaces its number."""

    default_priority = 200  # before targets pass their names to the nodes that they refer to

    def apply(self):
        for block in list(self.document.findall(nodes.math_block)):
            tex = block.astext()
            labels = LABEL.findall(tex)
            environment = "amsmath" in block["classes"]  # MyST has given it a random label
            if len(labels) + bool(block.get("label") and not environment) > 1:
                log.warning(
                    "a formula can have only one label, got %s. Write a formula for each.",
                    ", ".join(filter(None, [not environment and block["label"], *labels])),
                    location=block,
                    type="math",
                )
            elif r"\tag" in tex and (labels or (not environment and block.get("label"))):
                log.warning(
                    r"a formula cannot have both a \tag and a label, because {eq} shows a number, "
                    r"not the \tag. Write one of the two.",
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
    """Return the MathML of a formula; the message of an error describes the fault."""
    if REFERENCE.search(tex):
        raise ValueError("A formula cannot refer to another. Write {eq}`label` in the text.")
    tex = tex.strip()
    for pattern, replacement in REWRITTEN:
        tex = re.sub(pattern, replacement, tex)
    if r"\tag" not in tex:  # so that the formula is not as wide as the text
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
    """Return the MathML of a node, or its TeX with a warning if it cannot be translated."""
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
    # It must be focusable so that the arrow keys can scroll it where it is too wide.
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
    """Return the code points of the characters in the formulas of pages."""
    formulas = "".join(formula for html in pages for formula in FORMULA.findall(html))
    written = filter(str.isprintable, unescape(TAG.sub("", RADICAL.sub("√", formulas))))
    return {code for letter in written for code in [ord(letter), DRAWN.get(letter, ord(letter))]}
