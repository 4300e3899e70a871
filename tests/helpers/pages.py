"""What the tests read in built pages."""

import re
from pathlib import Path
from urllib.parse import urlsplit

POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)" />')


def rules(html):
    """Return the policy of a page: the sources of each rule."""
    [policy] = POLICY.findall(html)
    parts = [rule.strip().split(" ", 1) for rule in policy.split(";")]
    return {name: sources.split() for name, *[sources] in parts}


def scripts(page):
    """Return the names of the files of scripts that a page loads, in their order."""
    return [Path(urlsplit(tag["src"]).path).name for tag in page.select("script[src]")]
