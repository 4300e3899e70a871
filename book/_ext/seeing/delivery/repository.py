"""The URL and the branch of the repository, from `_config.yml`, the environment or git.

If `repository: url` in `_config.yml` is empty, the URL is that of the checkout: GITHUB_REPOSITORY
on GitHub's runners, git's remote `origin` elsewhere. So the buttons of a fork lead to the fork
without a change of settings. The branch is found in the same way. Jupyter Book only reads both from
`_config.yml`, and the theme fails on a button without a URL, so the buttons that need a URL are
removed if none is known.

The other modules read the URL from `config.html_theme_options["repository_url"]`, and get that of a
new issue from `issue_form`. Both are used when a page is written, not when it is read, so that a
change of the URL writes every page again but runs no cell.
"""

import os
import re
import subprocess
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlencode

# https://github.com/owner/name.git, ssh://git@github.com:22/owner/name, git@github.com:owner/name;
# any other host may be an alias from the owner's ssh configuration.
GITHUB = re.compile(
    r"(?:(?:https?|ssh|git)://(?:[^@/]*@)?github\.com(?::\d+)?/|(?:[^@/:]+@)?github\.com:)/?"
    r"([\w.-]+/[\w.-]+?)(?:\.git)?/?",
    re.IGNORECASE,
)
BUTTONS = ["use_repository_button", "use_issues_button", "use_edit_page_button"]


def setup(app):
    app.connect("config-inited", find_url, priority=100)  # before others use it
    app.connect("html-page-context", adjust_buttons, priority=502)  # the theme makes them at 501


def find_url(app, config):
    options = config.html_theme_options
    url = options.get("repository_url") or from_environment() or from_checkout(app.srcdir)
    options["repository_url"] = url.rstrip("/").removesuffix(".git")
    branch = options.get("repository_branch") or git(app.srcdir, "symbolic-ref", "--short", "HEAD")
    options["repository_branch"] = quote(branch or "main")  # for links; may contain a #
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
    """Return the output of git in the checkout `root`, "" if git fails or there is none."""
    if not Path(root, ".git").exists():  # git would find the checkout of a parent folder
        return ""
    try:
        done = subprocess.run(["git", "-C", root, *arguments], capture_output=True, text=True)
    except FileNotFoundError:
        return ""
    return done.stdout.strip()


def issue_form(config, title, **fields):
    """Return the URL of a new issue with these fields of `feedback.yml` filled in.

    It is "" if the repository has no issues, or no issue forms.
    """
    options = config.html_theme_options
    url = options["repository_url"] if options.get("use_issues_button") else ""
    if "github" not in (options.get("repository_provider") or url):
        return ""  # only GitHub has issue forms
    known = {name: value for name, value in fields.items() if value}
    query = urlencode({"template": "feedback.yml", "title": title, **known}, quote_via=quote)
    return f"{url}/issues/new?{query}"


def adjust_buttons(app, pagename, templatename, context, doctree):
    """Adapt the theme's buttons to this book.

    The one for issues opens the form, because blank issues are turned off. Binder gets an icon of
    the theme's font, because its logo is an image without a size.
    """
    for group in context["header_buttons"]:
        for button in group.get("buttons", [group]):
            if button.get("label") == "source-issues-button":
                form = issue_form(app.config, pagename, page=pagename)
                button["url"] = form or button["url"]
            elif button.get("text") == "Binder":
                button["icon"] = group["icon"]
