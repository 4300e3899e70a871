"""Formulas are translated; if one cannot be, a warning has its text and its location."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from helpers.book import Book

FORMULAS = [
    line
    for line in Path(__file__).with_name("formulas.tex").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("%")
]
PAGE = r"""# Formulas

An inline $\frac12$, and
two on the next line, $\nocommand$ and $x^2$,
**then $\sqrt$**
and $x < y & z$.

- an item
  with $a = {b$.

$$
E = mc^2
$$ (energy)

```{math}
:label: directive

c &= d \\
  &= e
```

$$
\left( a
$$

\begin{align}
a &= b \label{aligned} \\
c &= d
\end{align}

\begin{align*}
a &= b \\ c &= d
\end{align*}

\begin{align}
a &= b \tag{*}
\end{align}

$$
z = 1 \label{within}
$$

\begin{gather}
a \label{one} \\
b \label{two}
\end{gather}

{eq}`energy`, {eq}`directive`, {eq}`aligned`, {eq}`within`, $\eqref{energy}$

$$
y = 2 \tag{B}
$$ (tagged)

$$
y = 3 \tag{$\ast$}
$$
"""
WARNINGS = [
    (4, r'"\nocommand": Unknown command'),
    (5, r'"\sqrt": Expected argument'),
    (6, '"x < y & z": Found "&"'),
    (9, '"a = {b": Expected closing token "}"'),
    (22, r'"\left( a": '),
    (43, "only one label, got one, two"),
    (48, r'"\eqref{energy}": A formula cannot refer to another'),
    (50, r"a formula cannot have both a \tag and a label"),
    (54, r'"y = 3 \tag{$\ast$}": Expected non-special'),
]


@pytest.fixture
def draw(extension):
    """Return a function that translates a formula to parsed MathML."""
    translate = extension("delivery.mathml").translate
    return lambda tex, block=True: BeautifulSoup(translate(tex, block), "html.parser")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A book with good and bad formulas, and the output of its build."""
    book = Book(tmp_path_factory.mktemp("formulas") / "book")
    book.write("book/chapter.md", PAGE)
    code, printed = book.build()
    assert code == 1, printed
    return book, printed


def table(math):
    """Return the text of a table's cells, each with its alignment."""
    side = re.compile("text-align: ([a-z]+)")
    return [
        [
            (cell.text, *side.findall(cell.get("style", "")))
            for cell in row.find_all("mtd", recursive=False)
        ]
        for row in math.find("mtable").find_all("mtr", recursive=False)
    ]


@pytest.mark.parametrize("tex", FORMULAS)
def test_formula_is_translated(tex, draw):
    math = draw(tex)
    assert math.math["display"] == "block"
    assert "\\" not in math.text.replace(r"\ ", "")
    assert not math.find(["merror", "menclose"])


@pytest.mark.parametrize(
    "tex",
    [
        r"\begin{align} a &= b \\ c &= d \end{align}",
        r"\begin{align*} a &= b \\[6pt] c &= d \nonumber \end{align*}",
        r"\begin{aligned}[t] a &= b \\* c &= d \end{aligned}",
        r"\begin{alignat}{2} a &= b \\ c &= d \end{alignat}",
        r"\begin{equation} \begin{split} a &= b \\ c &= d \end{split} \end{equation}",
        r"a &= b \\ c &= d",
        "a &= b\n\nc &= d",
    ],
)
def test_equations_are_aligned_at_the_sign(tex, draw):
    rows = [[("a", "right"), ("=b", "left")], [("c", "right"), ("=d", "left")]]
    assert table(draw(tex)) == rows


def test_cases_and_arrays_have_their_alignment(draw):
    assert table(draw(r"\begin{cases} a & b \end{cases}")) == [[("a", "left"), ("b", "left")]]
    array = draw(r"\begin{array}{lc|r} a & b & c \end{array}")
    assert table(array) == [[("a", "left"), ("b",), ("c", "right")]]
    assert "border-right" in array.find_all("mtd")[1]["style"]


@pytest.mark.parametrize(
    ("tex", "bold"),
    [
        (r"\boldsymbol{x}", "𝒙"),
        (r"\bm{x}", "𝒙"),
        (r"\bm{\beta}", "𝜷"),
        (r"\mathbf{A}", "𝐀"),
        (r"\boldsymbol{\Sigma}", "𝚺"),
    ],
)
def test_bold_letters_are_bold(tex, bold, draw):
    assert draw(tex).text == bold


def test_bold_text_is_bold(draw):
    assert draw(r"\textbf{A}").mtext.b.text == "A"


def test_label_of_a_brace_is_below_it(draw):
    brace, label = draw(r"\underbrace{a+b}_{n}").munder.find_all(recursive=False)
    assert (brace.name, brace.text, label.text) == ("munder", "a+b⏟", "n")


def test_style_sheet_has_the_classes_of_box_and_strokes(draw, root):
    drawn = draw(r"\boxed{x} \cancel{x} \bcancel{x} \xcancel{x}")
    classes = {name for part in drawn.select("[class]") for name in part["class"]}
    sheet = (root / "book/_static/book.css").read_text(encoding="utf-8")
    assert classes == {"box", "updiagonalstrike", "downdiagonalstrike"}
    assert [name for name in classes if f".{name}" not in sheet] == []


@pytest.mark.parametrize("tex", [r"a = b \tag{A1}", r"\begin{align} a &= b \tag{A1} \end{align}"])
def test_tag_is_shown_at_the_end(tex, draw):
    assert table(draw(tex))[0][-1] == ("(A1)", "right")


def test_colour_applies_to_its_argument(draw):
    red, black = draw(r"\textcolor{red}{x} y").find_all("mi")
    assert "#FF0000" in red.parent["style"]
    assert "style" not in black.parent.attrs


def test_text_may_contain_a_formula(draw):
    assert [part.name for part in draw(r"\text{for $x$ only}").math] == ["mtext", "mi", "mtext"]


@pytest.mark.parametrize(
    "tex", ["-r", "a = -r", r"\frac{-r}{2}", r"\begin{matrix} a & -r \end{matrix}"]
)
def test_sign_of_a_term_has_no_spacing(tex, draw):
    sign = draw(tex, block=False).find("mo", string="−")
    assert (sign.get("lspace"), sign.get("rspace")) == ("0", "0")


def test_minus_of_a_difference_has_spacing(draw):
    assert draw("a - r").mo.attrs == {}


def test_every_bad_formula_is_reported_with_its_line(built):
    found = re.findall(r"book/chapter\.md:(\d+): WARNING: (.*)", built[1])
    assert sorted(int(line) for line, _ in found) == [line for line, _ in WARNINGS]
    for line, words in WARNINGS:
        assert [text for number, text in found if int(number) == line and words in text], found


def test_page_shows_the_tex_of_bad_formulas(built):
    shown = [code.text.strip() for code in built[0].page().select(".math > :is(code, pre)")]
    assert shown == [
        r"\nocommand",
        r"\sqrt",
        "x < y & z",
        "a = {b",
        r"\left( a",
        r"\eqref{energy}",
        r"y = 3 \tag{$\ast$}",
    ]


def test_labels_refer_to_numbered_formulas(built):
    page = built[0].page()
    for label, number in {"energy": 1, "directive": 2, "aligned": 3, "within": 4}.items():
        formula = page.find(id=f"equation-{label}")
        assert formula.select_one(".eqno").text.startswith(f"({number})")
        assert page.select_one(f'p a[href="#equation-{label}"]').text == f"({number})"


def test_only_numbered_environments_are_numbered(built):
    numbered = [bool(block.select(".eqno")) for block in built[0].page().select("div.amsmath")]
    assert numbered == [True, False, False, True]  # align, align*, one with a tag, gather


def test_every_rewrite_for_browsers_still_matches(extension, monkeypatch):
    """In the MathML of the formulas, which may change with the version of math-core."""
    mathml = extension("delivery.mathml")
    rows = mathml.DRAWN_ALIKE
    monkeypatch.setattr(mathml, "DRAWN_ALIKE", [])
    converted = [mathml.translate(tex, block=True) for tex in FORMULAS]
    for pattern, replacement in rows:
        found = [re.subn(pattern, replacement, text) for text in converted]
        assert any(count for _, count in found), pattern
        converted = [text for text, _ in found]


@pytest.mark.parametrize("tex", [r"\xrightarrow{a}", r"X_n \xrightarrow[n]{d} X"])
def test_chromium_can_stretch_the_arrow_under_a_label(tex, extension):
    assert "⟶" in extension("delivery.mathml").translate(tex, block=False)
