"""The input to the form below a section is sent unchanged, or kept in the form.

The service is the `datatops` server itself.
"""

import gzip
import socket
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from axe import faults
from datatops import Project
from datatops.server import DatatopsServer
from datatops.server.backend import JSONFileBackend
from flask import Flask
from playwright.sync_api import expect
from werkzeug.serving import make_server

from helpers.books import SECTION, feedback_book

ROOT = Path(__file__).parents[2]
COURSE = "a course"
TEXT = (
    "Grüße: \"double\", 'single', \\, %41, &amp; 🧠 日本\n\n"
    "<b class=typed>bold</b><img src=x onerror='window.typed=1'><script>window.typed=1</script>"
)


@pytest.fixture
def page(browser, request):
    """A page whose requests may fail or lead to GitHub, unlike in other tests."""
    context = browser.new_context(**getattr(request, "param", {}))
    context.route("https://github.com/**", lambda route: route.fulfill(body="GitHub"))
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def backend(tmp_path_factory):
    return JSONFileBackend(tmp_path_factory.mktemp("datatops"))


@pytest.fixture(scope="module")
def key(backend):
    return backend.create_project(COURSE)["user_key"]


@pytest.fixture(scope="module")
def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture(scope="module")
def served(tmp_path_factory, port, key):
    """A book with a service."""
    service = {
        "feedback_endpoint": f"http://127.0.0.1:{port}",
        "feedback_name": COURSE,
        "feedback_user_key": key,
    }
    return feedback_book(tmp_path_factory.mktemp("served") / "book", **service).folder


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """A book without a service whose repository is known."""
    url = "https://github.com/reader/book"
    return feedback_book(tmp_path_factory.mktemp("known") / "book", url).folder


@pytest.fixture
def datatops(backend):
    return open_to_all(DatatopsServer(backend).app)


def open_to_all(app):
    """Let a Flask app accept requests from pages of other hosts (CORS)."""

    @app.after_request
    def allow(response):
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Allow-Headers"] = "Content-Type, X-User-Key"
        return response

    return app


@contextmanager
def listening(app, port):
    server = make_server("127.0.0.1", port, app, threaded=True)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def responding(status):
    """Return an app that responds to each message with this status."""
    app = Flask("other")
    app.post("/api/v1/projects/<name>")(lambda name: ({"status": "error"}, status))
    return open_to_all(app)


def chapter(book):
    return (book / "_build/html/book/chapter.html").as_uri()


def fill(page, text=TEXT, face="confusing"):
    page.get_by_role("radio", name=face).check()
    page.get_by_role("textbox", name="better").fill(text)


def send(page):
    page.get_by_role("button", name="Send").click()


def expect_status(page, words):
    expect(page.locator("form.feedback").get_by_role("status")).to_contain_text(words)


def stored(port, key):
    return Project(COURSE, user_key=key, url=f"http://127.0.0.1:{port}").list_data()


def test_input_is_stored_unchanged(page, serve, served, datatops, port, key):
    page.goto(f"{serve(served / '_build' / 'html')}/book/chapter.html")
    fill(page)
    with listening(datatops, port):
        send(page)
        expect_status(page, "Thank you")
        record = stored(port, key)[-1]
    typed = {name: value for name, value in record.items() if "time" not in name}
    assert typed == {"button_name": "sad", "feedback": TEXT, "section_id": SECTION}
    sent = datetime.fromisoformat(record["timestamp_utc"])
    assert sent.tzinfo is None
    assert abs(datetime.now(UTC) - sent.replace(tzinfo=UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize(("face", "name"), [("clear", "happy"), ("all right", "medium")])
def test_page_from_a_file_can_send_only_a_face(face, name, page, served, datatops, port, key):
    page.goto(chapter(served))
    with listening(datatops, port):
        fill(page, "", face)
        send(page)
        expect_status(page, "Thank you")
        record = stored(port, key)[-1]
    assert (record["button_name"], record["feedback"]) == (name, "")


def test_nothing_leaves_the_page_before_send(page, served, datatops, port, key):
    requests = []
    with listening(datatops, port):
        before = len(stored(port, key))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(chapter(served))
        fill(page)
        page.get_by_role("button", name="Send").focus()
        page.wait_for_load_state("networkidle")
        assert len(stored(port, key)) == before
    assert not [url for url in requests if not url.startswith(("file:", "data:"))]


def test_form_without_a_face_is_not_sent(page, served, datatops, port, key):
    with listening(datatops, port):
        before = len(stored(port, key))
        page.goto(chapter(served))
        page.get_by_role("textbox", name="better").fill(TEXT)
        send(page)
        assert len(stored(port, key)) == before
    assert page.locator("input:invalid").count() == 3


def test_same_text_is_sent_only_once_and_a_new_text_again(page, served, datatops, port, key):
    with listening(datatops, port):
        before = len(stored(port, key))
        page.goto(chapter(served))
        fill(page)
        send(page)
        expect_status(page, "Thank you")
        button = page.get_by_role("button", name="Send")
        expect(button).to_be_disabled()
        button.dispatch_event("click")
        fill(page, "Better now")
        expect(button).to_be_enabled()
        send(page)
        expect(button).to_be_disabled()
        expect_status(page, "Thank you")
        assert [r["feedback"] for r in stored(port, key)[before:]] == [TEXT, "Better now"]


def test_form_works_with_the_keyboard(page, served, datatops, port, key):
    with listening(datatops, port):
        page.goto(chapter(served))
        page.get_by_role("radio").first.focus()
        for press in ["ArrowRight", "Tab", "k", "e", "y", "Enter", "s", "Tab", "Enter"]:
            page.keyboard.press(press)
        expect_status(page, "Thank you")
        record = stored(port, key)[-1]
    assert (record["button_name"], record["feedback"]) == ("medium", "key\ns")
    expect(page.get_by_role("button", name="Send")).to_be_focused()


FAILURES = {
    "no server": (None, "the service cannot be reached"),
    "an error": (lambda _: responding(500), "the service did not accept it (500)"),
    "a response of another service": (
        lambda _: responding(200),
        "the service did not accept it (200)",
    ),
    "no such project": (lambda empty: open_to_all(empty), "the service did not accept it (403)"),
    "closed to other hosts": (lambda empty: empty, "the service cannot be reached"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_failure_keeps_the_input(failure, page, served, datatops, port, key, tmp_path):
    make_app, reason = FAILURES[failure]
    empty = DatatopsServer(JSONFileBackend(tmp_path)).app
    page.goto(chapter(served))
    fill(page)
    with listening(make_app(empty), port) if make_app else nullcontext():
        send(page)
        expect_status(page, reason)
    expect_status(page, "What you wrote is still here")
    expect(page.get_by_role("textbox", name="better")).to_have_value(TEXT)
    with listening(datatops, port):
        send(page)
        expect_status(page, "Thank you")
        assert stored(port, key)[-1]["feedback"] == TEXT


def test_service_that_does_not_respond_times_out(page, served, port):
    page.clock.install()
    page.goto(chapter(served))
    fill(page)
    with socket.create_server(("127.0.0.1", port)):
        send(page)
        expect_status(page, "Sending")
        page.clock.fast_forward(9000)
        expect_status(page, "Sending")
        page.clock.fast_forward(1000)
        expect_status(page, "no answer within 10 seconds")
    expect(page.get_by_role("textbox", name="better")).to_have_value(TEXT)


def test_issue_is_filled_in_with_the_input(page, known):
    page.goto(chapter(known))
    fill(page)
    with page.expect_popup() as opened:
        send(page)
    url = urlsplit(opened.value.url)
    assert url.geturl().startswith("https://github.com/reader/book/issues/new?")
    assert parse_qs(url.query) == {
        "template": ["feedback.yml"],
        "title": [f"book/chapter: {SECTION}"],
        "page": [f"book/chapter, section {SECTION}"],
        "happened": [f"confusing\n\n{TEXT}"],
    }
    expect_status(page, "filled in")
    again = page.locator("form.feedback").get_by_role("link", name="Open it again")
    assert urlsplit(again.get_attribute("href")).path == url.path


def test_text_too_long_for_a_link_is_kept(page, known):
    page.goto(chapter(known))
    fill(page, "語" * 1000)
    send(page)
    expect_status(page, "the text is too long for a link")
    expect(page.get_by_role("textbox", name="better")).to_have_value("語" * 1000)


def test_input_never_becomes_markup(page, served, known, datatops, port):
    for book, outcome in [(served, "Thank you"), (served, "Not sent"), (known, "filled in")]:
        page.goto(chapter(book))
        fill(page)
        with listening(datatops, port) if outcome == "Thank you" else nullcontext():
            send(page)
            expect_status(page, outcome)
        assert page.locator(".typed, [onerror]").count() == 0
        assert page.evaluate("window.typed") is None


@pytest.mark.parametrize("page", [{"java_script_enabled": False}], indirect=True)
def test_without_javascript_a_link_replaces_the_form(page, known):
    page.goto(chapter(known))
    expect(page.get_by_role("link", name="Say what would make")).to_be_visible()
    expect(page.locator("form.feedback")).to_be_hidden()


def test_with_javascript_the_form_replaces_the_link(page, known):
    page.goto(chapter(known))
    expect(page.get_by_role("group", name="How was this section?")).to_be_visible()
    expect(page.locator(".feedback-link")).to_be_hidden()


@pytest.mark.parametrize("width", [360, 1280])
def test_form_fits_and_has_touch_targets(width, page, known):
    page.set_viewport_size({"width": width, "height": 740})
    page.goto(chapter(known))
    form = page.locator("form.feedback").bounding_box()
    assert form["x"] >= 0
    assert form["x"] + form["width"] <= width
    for target in page.locator(".feedback :is(label:has([type=radio]), button, textarea)").all():
        box = target.bounding_box()
        assert min(box["width"], box["height"]) >= 44


@pytest.mark.parametrize(
    "page", [{"color_scheme": "light"}, {"color_scheme": "dark"}], indirect=True
)
def test_form_is_accessible(page, serve, known):
    page.goto(f"{serve(known / '_build' / 'html')}/book/chapter.html")
    fill(page, "語" * 1000)
    send(page)
    expect_status(page, "too long")
    assert faults(page, "form.feedback") == {}


def test_script_is_small():
    script = ROOT / "book/_ext/seeing/authoring/feedback/feedback.js"
    assert len(gzip.compress(script.read_bytes())) <= 2048
