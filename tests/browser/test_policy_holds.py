"""The browser runs nothing that the book did not bring, whatever gets into a page."""

import pytest

INTRUDERS = {
    "a script": "<script>document.title = 'taken'</script>",
    "an action": "<img src='missing.png' onerror=\"document.title = 'taken'\">",
    "a link": "<a href=\"javascript:document.title = 'taken'\" id='trap'>look</a>",
    "a script of another host": "<script src='https://intruder.example.org/a.js'></script>",
    "a frame": "<iframe srcdoc=\"<script>parent.document.title = 'taken'</script>\"></iframe>",
    "a base": "<base href='https://intruder.example.org/'>",
}


@pytest.mark.parametrize("intruder", INTRUDERS)
def test_intruder_does_nothing(intruder, browser, site):
    """The page's own console says so, which the fixture `page` would count as an error."""
    asked = []
    with browser.new_context() as context:
        page = context.new_page()
        page.on("response", lambda response: asked.append(response.url))

        def spoil(route):
            html = route.fetch().text()
            route.fulfill(body=html.replace("<article", f"{INTRUDERS[intruder]}<article", 1),
                          content_type="text/html")  # fmt: skip

        page.route("**/think.html", spoil)
        page.goto(f"{site}/book/think.html")
        if page.locator("#trap").count():
            page.locator("#trap").click()
        page.wait_for_timeout(200)
        assert "taken" not in page.title()
        assert page.evaluate("document.baseURI").startswith(site)
        assert [url for url in asked if not url.startswith(site)] == []
