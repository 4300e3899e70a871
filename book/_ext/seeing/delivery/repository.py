"""The URL of the repository comes from one place, and no button leads nowhere.

Where `repository: url` in `_config.yml` is empty, the URL is that of the checkout that the book
is built from: on GitHub's own machines GITHUB_REPOSITORY, elsewhere git's remote `origin`. So the
buttons of a fork lead to the fork, and nobody has to remember to change a URL. The branch is
found alike. Jupyter Book takes both from `_config.yml` only, and the theme stops at a button
without a URL: where none is known, the buttons that need one are taken away.

The other extensions find the URL in `config.html_theme_options["repository_url"]`, and that of
a new issue by `issue_form`. Both matter when a page is written, not when it is read: after a change
of the URL every page is written again, but no cell runs again.
"""

import os
import re
import subprocess
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlencode

# https://github.com/owner/name.git, ssh://git@github.com:22/owner/name, git@github.com:owner/name;
# any other host may be a nickname that only the owner's machine knows.
GITHUB = re.compile(
    r"(?:(?:https?|ssh|git)://(?:[^@/]*@)?github\.com(?::\d+)?/|(?:[^@/:]+@)?github\.com:)/?"
    r"([\w.-]+/[\w.-]+?)(?:\.git)?/?",
    re.IGNORECASE,
)
BUTTONS = ["use_repository_button", "use_issues_button", "use_edit_page_button"]


def setup(app):
    app.connect("config-inited", find_address, priority=100)  # before others ask for it
    app.connect("html-page-context", adjust_buttons, priority=502)  # the theme makes them at 501


def find_address(app, config):
    options = config.html_theme_options
    url = options.get("repository_url") or from_environment() or from_checkout(app.srcdir)
    options["repository_url"] = url.rstrip("/").removesuffix(".git")
    branch = options.get("repository_branch") or git(app.srcdir, "symbolic-ref", "--short", "HEAD")
    options["repository_branch"] = quote(branch or "main")  # it may hold a #, and stands in links
    if os.environ.get("BOOK_ISSUES") == "false":  # GitHub turns them off in a new fork
        options["use_issues_button"] = False
    if not url:
        options.update(dict.fromkeys(BUTTONS, False), launch_buttons={})


def from_environment():
    name = os.environ.get("GITHUB_REPOSITORY")
    return f"{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{name}" if name else ""


def from_checkout(root):
    remote = GITHUB.fullmatch(git(root, "remote", "get-url", "origin"))
    return f"https://github.com/{remote[1]}" if remote else ""


@cache
def git(root, *arguments):
    """Return what git says about the checkout in `root`, or nothing if it has nothing to say."""
    if not Path(root, ".git").exists():  # git would look above, and find somebody else's checkout
        return ""
    try:
        done = subprocess.run(["git", "-C", root, *arguments], capture_output=True, text=True)
    except FileNotFoundError:
        return ""
    return done.stdout.strip()


def issue_form(config, title, **fields):
    """Return the URL of a new issue with these fields of `feedback.yml` filled in.

    It is "" where there are no issues, or no forms for them.
    """
    options = config.html_theme_options
    url = options["repository_url"] if options.get("use_issues_button") else ""
    if "github" not in (options.get("repository_provider") or url):
        return ""  # the others know no forms
    known = {name: value for name, value in fields.items() if value}
    query = urlencode({"template": "feedback.yml", "title": title, **known}, quote_via=quote)
    return f"{url}/issues/new?{query}"


def adjust_buttons(app, pagename, templatename, context, doctree):
    """Let the theme's buttons fit this book.

    The one for issues opens the form; it asks for a free text, which is turned off. Binder gets an
    icon of the theme's font; its logo is an image without a size.
    """
    for group in context["header_buttons"]:
        for button in group.get("buttons", [group]):
            if button.get("label") == "source-issues-button":
                form = issue_form(app.config, pagename, page=pagename)
                button["url"] = form or button["url"]
            elif button.get("text") == "Binder":
                button["icon"] = group["icon"]
