"""Quizzes work with keyboard and touch, with and without a server, and in both themes."""

import pytest
from axe import faults

from helpers.books import quiz_book

RIGHT = "Right: six kernels of 7 × 7 for one input channel."
OTHER = "No, it is a different number. Try again, or look at the answers below."
NO_NUMBER = "Type a number, such as 1234 or 0.5."
NUMBERS = {
    "294": RIGHT,
    " 294.0 ": RIGHT,
    "2.94e2": RIGHT,
    "49": "No: one kernel has as many; there are six.",
    "300": "No: that counts the biases as well.",
    "56623104": "No: that is a dense layer.",
    "56,623,104": "No: that is a dense layer.",
    "293": OTHER,
    "294.001": OTHER,
    "": NO_NUMBER,
    "-": NO_NUMBER,
    "many": NO_NUMBER,
    "294 weights": NO_NUMBER,
    "48*64": NO_NUMBER,
    "5 6": NO_NUMBER,
    "1.2.3": NO_NUMBER,
    "29,4": OTHER,
    "56.623.104": "No: that is a dense layer.",
    "56 623 104": "No: that is a dense layer.",
    "56\u202f623\u202f104": "No: that is a dense layer.",
    "56\u00a0623\u00a0104,0": "No: that is a dense layer.",
    "56’623’104": "No: that is a dense layer.",
    "5,66,23,104": "No: that is a dense layer.",
    "٢٩٤": RIGHT,
    "२९४": RIGHT,
    "２９４": RIGHT,
    "+294": RIGHT,
    "294,000": "This can be 294000 or 294: write one of these.",
    "0,294e3": RIGHT,
}
RATIO = "Right: a quarter of a cycle"
RATE = "Right: 250 cycles."
QUARTER = "No: that is the answer for a quarter"
UNCLEAR = "This can be 1571 or 1.5710: write one of these."
READ = {  # the likely one of two interpretations
    ("quiz-phase", "-1,571"): RATIO,  # thousands are not near the answer
    ("quiz-phase", "−1.571"): RATIO,
    ("quiz-phase", "–1,57"): RATIO,
    ("quiz-phase", "-1,5711"): RATIO,
    ("quiz-phase", "1,571"): OTHER,
    ("quiz-phase", "-1 571"): OTHER,
    ("quiz-rate", "1,571"): UNCLEAR,
    ("quiz-rate", "1.571"): UNCLEAR.replace("1571 or 1.5710", "1.5710 or 1571"),
    ("quiz-rate", "1.5710"): QUARTER,
    ("quiz-rate", "1,5710"): QUARTER,
    ("quiz-rate", "1571"): RATE,
    ("quiz-rate", "1’571"): RATE,
    ("quiz-rate", "1.571,2"): RATE,
    ("quiz-rate", "1,571.2"): RATE,
    ("quiz-rate", "1571,2"): RATE,
    ("quiz-rate", "-40"): "No: a frequency is not negative",
    ("quiz-rate", "−40,5"): "No: a frequency is not negative",
}
GARBAGE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="session")
def chapter(tmp_path_factory):
    """The file of a page with quizzes."""
    book = quiz_book(tmp_path_factory.mktemp("quizzes") / "book")
    book.make()
    return book.folder / "_build/html/book/chapter.html"


@pytest.fixture(scope="session")
def url(serve, chapter):
    return f"{serve(chapter.parents[1])}/book/chapter.html"


@pytest.fixture
def quizzes(page, url):
    """The opened page with quizzes."""
    page.goto(url)
    return page


def feedback(page, quiz):
    return " ".join(page.locator(f"#{quiz} [role=status]").inner_text().split())


def answer(page, quiz, given):
    """Type a text, or select the choice of a number; check it, and return the feedback."""
    if isinstance(given, str):
        page.locator(f"#{quiz} input").fill(given)
    else:
        page.locator(f"#{quiz} label").nth(given).click()
    page.locator(f"#{quiz} button", has_text="Check").click()
    return feedback(page, quiz)


def stored(page):
    return page.evaluate(
        """Object.entries(localStorage).filter(([key]) => key.startsWith("quiz"))
             .map(([, value]) => value)"""
    )


def test_choice_gets_its_own_explanation(quizzes):
    assert [answer(quizzes, "quiz-odd", choice)[:25] for choice in range(3)] == [
        "No: it covers both halves",
        "Right: the two halves rec",
        "No: that is not a stimulu",
    ]


def test_number_gets_its_own_explanation(quizzes):
    assert {typed: answer(quizzes, "quiz-weights", typed) for typed in NUMBERS} == NUMBERS


def test_number_within_the_tolerance_is_right(quizzes):
    for typed in ["-1.57", "−1.57", "-1.58", "-1.5708"]:
        assert answer(quizzes, "quiz-phase", typed).startswith("Right: a quarter of a cycle")
    for typed in ["1.57", "-1.5", "-1.6"]:
        assert answer(quizzes, "quiz-phase", typed) == OTHER


def test_number_has_its_likely_interpretation(quizzes):
    for (quiz, typed), expected in READ.items():
        assert answer(quizzes, quiz, typed).startswith(expected), (quiz, typed)


def test_ambiguous_number_is_not_an_answer(quizzes):
    answer(quizzes, "quiz-rate", "1,571")
    assert stored(quizzes) == []
    assert quizzes.locator("#quiz-rate details").is_hidden()


def test_check_without_a_choice_asks_for_one(quizzes):
    quizzes.locator("#quiz-odd button", has_text="Check").click()
    assert feedback(quizzes, "quiz-odd") == "Choose an answer first."
    assert stored(quizzes) == []


def test_explanation_keeps_its_markup(quizzes):
    answer(quizzes, "quiz-weights", "294")
    assert quizzes.locator("#quiz-weights [role=status] :is(math, code, em)").count() == 3


def test_quiz_works_with_the_keyboard(quizzes):
    def press(*keys):
        for key in keys:
            quizzes.keyboard.press(key)

    def focus():
        return quizzes.evaluate(
            """[document.activeElement.closest('form')?.id,
                document.activeElement.value || document.activeElement.textContent]"""
        )

    while focus()[0] is None:
        press("Tab")
    press("Space")
    assert focus() == ["quiz-odd", "a spot"]
    press("Tab", "Space")
    assert feedback(quizzes, "quiz-odd").startswith("No: it covers")
    press("Shift+Tab", "ArrowDown")
    assert feedback(quizzes, "quiz-odd") == "", "the feedback is about the previous choice"
    press("Enter")
    assert feedback(quizzes, "quiz-odd").startswith("Right:")
    press("Tab", "Tab")
    assert focus() == ["quiz-odd", "Clear my answer"]
    press("Enter", "Tab")
    assert feedback(quizzes, "quiz-odd") == ""
    assert focus()[0] == "quiz-weights"
    quizzes.keyboard.type("294")
    press("Enter")
    assert feedback(quizzes, "quiz-weights") == RIGHT


def test_focus_is_visible(quizzes):
    for control in quizzes.locator(".quiz :is(input, button)").all():
        control.focus()
        quizzes.keyboard.press("Shift")  # makes the browser show the focus, as for keyboard users
        assert control.evaluate("(it) => getComputedStyle(it).outlineWidth") == "3px"


def test_answers_are_shown_after_a_wrong_answer(quizzes):
    answers = quizzes.locator("#quiz-weights details")
    assert answers.is_hidden()
    answer(quizzes, "quiz-weights", "294")
    assert answers.is_hidden()
    answer(quizzes, "quiz-weights", "1")
    assert answers.is_visible()
    assert answers.get_attribute("open") is None


def test_answers_are_remembered(quizzes):
    answer(quizzes, "quiz-odd", 2)
    answer(quizzes, "quiz-weights", "49")
    quizzes.reload()
    assert quizzes.locator("#quiz-odd input").nth(2).is_checked()
    assert feedback(quizzes, "quiz-odd").startswith("No: that is not a stimulus")
    assert quizzes.locator("#quiz-weights input").input_value() == "49"
    assert feedback(quizzes, "quiz-weights").startswith("No: one kernel")
    assert feedback(quizzes, "quiz-phase") == ""


def test_answers_are_stored_for_each_page(quizzes, url):
    answer(quizzes, "quiz-weights", "49")
    quizzes.route("**/another.html", lambda route: route.fulfill(response=route.fetch(url=url)))
    quizzes.goto(url.replace("chapter", "another"))
    assert feedback(quizzes, "quiz-weights") == ""


def test_answers_can_be_cleared(quizzes):
    answer(quizzes, "quiz-odd", 0)
    answer(quizzes, "quiz-weights", "49")
    quizzes.locator("#quiz-weights button", has_text="Clear my answer").click()
    for _ in ["at once", "after a reload"]:
        assert quizzes.locator("#quiz-weights input").input_value() == ""
        assert feedback(quizzes, "quiz-weights") == ""
        assert quizzes.locator("#quiz-weights details").is_hidden()
        assert feedback(quizzes, "quiz-odd").startswith("No:"), "another quiz keeps its answer"
        quizzes.reload()
    assert stored(quizzes) == ["a spot"]


@pytest.mark.parametrize("quiz", ["quiz-odd", "quiz-weights"])
def test_stored_answers_never_become_markup(quizzes, quiz):
    answer(quizzes, quiz, 0 if quiz == "quiz-odd" else "49")
    quizzes.evaluate(
        """(garbage) => Object.keys(localStorage).filter((key) => key.startsWith("quiz"))
             .forEach((key) => localStorage.setItem(key, garbage))""",
        GARBAGE,
    )
    quizzes.reload()
    assert stored(quizzes) == [GARBAGE]
    assert quizzes.locator(".quiz img").count() == 0
    assert answer(quizzes, "quiz-weights", GARBAGE) == NO_NUMBER
    assert quizzes.locator(".quiz img").count() == 0


def test_quiz_works_without_storage(own_page, url):
    page = own_page()
    page.add_init_script(
        """for (const action of ["getItem", "setItem", "removeItem"]) {
             const original = Storage.prototype[action];
             Storage.prototype[action] = function (key, ...rest) {
               if (key.startsWith("quiz")) throw new DOMException("refused");
               return original.call(this, key, ...rest);
             };
           }"""
    )
    page.goto(url)
    assert answer(page, "quiz-weights", "294") == RIGHT


def test_quiz_works_without_a_server(page, chapter):
    page.goto(chapter.as_uri())
    assert answer(page, "quiz-weights", "294") == RIGHT
    page.reload()
    assert feedback(page, "quiz-weights") == RIGHT


def test_without_javascript_the_answers_are_in_the_page(new_page, url):
    page = new_page(java_script_enabled=False)
    page.goto(url)
    assert page.locator("#quiz-odd label", has_text="a spot").is_visible()
    assert page.locator(".quiz button:visible").count() == 0
    page.locator("#quiz-weights input").press("Enter")
    assert page.url == url, "the form was sent"
    page.locator("#quiz-weights summary").click()
    assert page.locator("#quiz-weights details").get_by_text(RIGHT[:10]).is_visible()


@pytest.mark.parametrize("script", [True, False])
def test_print_shows_answers_but_no_buttons(script, new_page, url):
    page = new_page(java_script_enabled=script)
    page.goto(url)
    page.emulate_media(media="print")
    for quiz in page.locator(".quiz").all():
        assert quiz.locator(".quiz-why").first.is_visible()
        assert quiz.locator("button:visible").count() == 0


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_quiz_is_accessible(theme, width, new_page, url):
    page = new_page(color_scheme=theme, viewport={"width": width, "height": 800})
    page.goto(url)
    assert page.locator("html").get_attribute("data-theme") == theme
    answer(page, "quiz-odd", 0)
    answer(page, "quiz-weights", "294")
    page.locator("#quiz-odd summary").click()
    assert faults(page, ".quiz") == {}


def test_quiz_fits_a_phone_and_has_touch_targets(new_page, url):
    page = new_page(viewport={"width": 360, "height": 800}, has_touch=True)
    page.goto(url)
    answer(page, "quiz-odd", 0)
    boxes = [part.bounding_box() for part in page.locator(".quiz :visible").all()]
    assert max(box["x"] + box["width"] for box in boxes) <= 360
    targets = page.locator(".quiz :is(label, button, summary, input[type=text]):visible").all()
    assert len(targets) == 3 + 3 * 2 + 4 * 2 + 1
    assert min(target.bounding_box()["height"] for target in targets) >= 44


def test_quiz_has_no_animations(quizzes):
    moving = """[...document.querySelectorAll('.quiz, .quiz *')].filter((it) => {
        const style = getComputedStyle(it);
        return style.animationName !== 'none' || style.transitionDuration !== '0s';
    }).length"""
    assert quizzes.evaluate(moving) == 0
