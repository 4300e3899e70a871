"""The browser runs only the book's own scripts, even if others get into a page."""

import re

import pytest

INTRUDERS = {
    "a script": "<script>document.title = 'taken'</script>",
    "an action": "<img src='missing.png' onerror=\"document.title = 'taken'\">",
    "a link": "<a href=\"javascript:void(document.title = 'taken')\" id='trap'>look</a>",
    "a script of another host": "<script src='https://intruder.example.org/a.js'></script>",
    "a frame": "<iframe srcdoc=\"<script>parent.document.title = 'taken'</script>\"></iframe>",
    "a base": "<base href='https://intruder.example.org/'>",
}


POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')


def tampered(context, intruder, *, guarded):
    """Return a page into which an intruder is inserted, with or without the policy."""
    page = context.new_page()

    def insert(route):
        html = route.fetch().text()
        html = html if guarded else POLICY.sub("", html)
        html = html.replace("<article", f"{INTRUDERS[intruder]}<article", 1)
        route.fulfill(body=html, content_type="text/html")

    page.route("**/think.html", insert)
    page.route(
        "https://intruder.example.org/**",
        lambda route: route.fulfill(
            body="document.title = 'taken'", content_type="text/javascript"
        ),
    )
    return page


def visit(page, site):
    page.goto(f"{site}/book/think.html")
    if page.locator("#trap").count():
        page.locator("#trap").click()


@pytest.mark.parametrize("intruder", INTRUDERS)
def test_intruder_runs_without_the_policy(intruder, browser, site):
    with browser.new_context() as context:
        page = tampered(context, intruder, guarded=False)
        visit(page, site)
        page.wait_for_function(
            "document.title === 'taken' || document.baseURI === 'https://intruder.example.org/'"
        )


@pytest.mark.parametrize("intruder", INTRUDERS)
def test_policy_blocks_the_intruder(intruder, browser, site):
    """The console reports it, which the fixture `page` would count as an error."""
    with browser.new_context() as context:
        page = tampered(context, intruder, guarded=True)
        with page.expect_console_message(lambda message: "Content Security Policy" in message.text):
            visit(page, site)
        assert page.title() != "taken"
        assert page.evaluate("document.baseURI").startswith(site)
