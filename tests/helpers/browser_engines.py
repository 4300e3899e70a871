"""Firefox and WebKit with one interface, because Playwright only drives its own builds of them.

Firefox is controlled by WebDriver BiDi (https://w3c.github.io/webdriver-bidi/) over a web socket,
WebKitGTK by WebDriver (https://w3c.github.io/webdriver/) over HTTP. The driver of WebKitGTK needs a
display, and supports neither the console nor printing.
"""

import json
import os
import re
import shutil
import subprocess
from base64 import b64decode
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from socket import create_server
from tempfile import TemporaryDirectory
from time import monotonic, sleep

import pytest
from websocket import create_connection

KEYS = {"Enter": "\ue007", "Tab": "\ue004", "Escape": "\ue00c", "Space": " ", "Control": "\ue009"}
KEYS |= {"ArrowLeft": "\ue012", "ArrowUp": "\ue013", "ArrowRight": "\ue014", "ArrowDown": "\ue015"}
QUIET = {  # prevents requests of Firefox to other hosts
    "app.normandy.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
}


class Browser:
    """The methods of both engines; each defines `go`, `run`, `act` and so on."""

    def open(self, url):
        self.go(url)
        url = json.dumps(url)
        self.wait(f"document.readyState === 'complete' && location.href.startsWith({url})")

    def value(self, expression):
        """Return the value of a JavaScript expression, which may be a promise."""
        return json.loads(self.run(f"JSON.stringify((await ({expression})) ?? null)"))

    def wait(self, expression):
        """Wait until an expression is true, and return its value."""
        return until(lambda: self.value(expression), expression)

    def press(self, *keys):
        """Press and release keys by name, one after the other; "Control+k" holds the first."""
        for key in keys:
            held = [KEYS.get(name, name) for name in (key.split("+") if len(key) > 1 else [key])]
            down = [{"type": "keyDown", "value": value} for value in held]
            up = [{"type": "keyUp", "value": value} for value in reversed(held)]
            self.act([{"type": "key", "id": "keys", "actions": down + up}])

    def type(self, text):
        self.press(*text)

    def click(self, selector):
        x, y = self.value(
            f"""(() => {{
                const element = document.querySelector({json.dumps(selector)});
                element.scrollIntoView({{ block: "center", behavior: "instant" }});
                const {{ x, y, width, height }} = element.getBoundingClientRect();
                return [Math.round(x + width / 2), Math.round(y + height / 2)];
            }})()"""
        )
        actions = [{"type": "pointerMove", "x": x, "y": y}]
        actions += [{"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp")]
        self.act([{"type": "pointer", "id": "mouse", "actions": actions}])


class Firefox(Browser):
    def __init__(self, socket):
        socket.settimeout(60)
        self.socket = socket
        self.numbers = count(1)
        self.logged = []  # in the console: (level, text)
        self.call("session.new", capabilities={})
        self.call("session.subscribe", events=["log.entryAdded"])
        # The first tab does not have the focus, so keys would have no effect there.
        self.context = self.call("browsingContext.create", type="tab")["context"]

    def call(self, method, **parameters):
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while (message := json.loads(self.socket.recv())).get("id") != number:
            if message.get("method") == "log.entryAdded":
                self.logged.append((message["params"]["level"], message["params"]["text"] or ""))
        assert message["type"] == "success", message
        return message["result"]

    def go(self, url):
        self.call("browsingContext.navigate", context=self.context, url=url, wait="complete")

    def run(self, expression):
        result = self.call(
            "script.evaluate",
            expression=f"(async () => {expression})()",
            target={"context": self.context},
            awaitPromise=True,
        )
        assert result["type"] == "success", result["exceptionDetails"]["text"]
        return result["result"]["value"]

    def act(self, actions):
        self.call("input.performActions", context=self.context, actions=actions)

    def reload(self):
        self.call("browsingContext.reload", context=self.context, wait="complete")

    def resize(self, width, height):
        viewport = {"width": width, "height": height}
        self.call("browsingContext.setViewport", context=self.context, viewport=viewport)

    def pdf(self, **options):
        return b64decode(
            self.call("browsingContext.print", context=self.context, **options)["data"]
        )

    def screenshot(self):
        return b64decode(
            self.call("browsingContext.captureScreenshot", context=self.context)["data"]
        )


class WebKit(Browser):
    def __init__(self, port):
        self.port = port
        self.session = ""
        options = {"webkitgtk:browserOptions": {"args": ["--automation"], "binary": minibrowser()}}
        self.session = self.call("POST", "", capabilities={"alwaysMatch": options})["sessionId"]

    def call(self, method, path, **parameters):
        session = f"/{self.session}" if self.session else ""
        body = json.dumps(parameters) if method == "POST" else None
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request(method, f"/session{session}{path}", body)
            value = json.loads(connection.getresponse().read())["value"]
        assert not (isinstance(value, dict) and "error" in value), value
        return value

    def go(self, url):
        self.call("POST", "/url", url=url)

    def run(self, expression):
        script = f"return (async () => {expression})()"
        return self.call("POST", "/execute/sync", script=script, args=[])

    def act(self, actions):
        self.call("POST", "/actions", actions=actions)

    def reload(self):
        self.call("POST", "/refresh")

    def resize(self, width, height):
        wide, high = self.value("[outerWidth - innerWidth, outerHeight - innerHeight]")
        self.call("POST", "/window/rect", width=width + wide, height=height + high)

    def screenshot(self):
        return b64decode(self.call("GET", "/screenshot"))


def until(condition, name="to start"):
    """Wait until a function returns a true value, and return it."""
    end = monotonic() + 10
    while not (value := condition()):
        assert monotonic() < end, f"not within 10 s: {name}"
        sleep(0.05)
    return value


def attempt(make, *given):
    try:
        return make(*given)
    except ConnectionRefusedError:
        return None


def minibrowser():
    [found, *_] = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser")) or [None]
    return str(found)


def need(program, package):
    """Return the path of a program, or fail with the package to install."""
    return shutil.which(program) or pytest.fail(
        f"there is no {program}: apt install {package}", pytrace=False
    )


@contextmanager
def running(*command, **options):
    with subprocess.Popen(command, **options) as process:
        try:
            yield process
        finally:
            process.terminate()


@contextmanager
def firefox(**preferences):
    """Start Firefox with the given preferences of about:config."""
    program = shutil.which("firefox") or need("firefox-esr", "firefox-esr")
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        lines = (
            f"user_pref({json.dumps(name)}, {json.dumps(value)});"
            for name, value in (QUIET | preferences).items()
        )
        Path(profile, "user.js").write_text("\n".join(lines), encoding="utf-8")
        command = [program, "--headless", "--no-remote", "--remote-debugging-port", "0"]
        pipes = {"stderr": subprocess.PIPE, "stdout": subprocess.DEVNULL, "text": True}
        with running(*command, "--profile", profile, "about:blank", **pipes) as process:
            for line in process.stderr:
                if found := re.search(r"BiDi listening on (ws://\S+)", line):
                    break
            with closing(create_connection(f"{found[1]}/session", suppress_origin=True)) as socket:
                yield Firefox(socket)


@contextmanager
def webkit():
    driver = need("WebKitWebDriver", "webkit2gtk-driver")
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    screen = need("Xvfb", "xvfb"), "-displayfd", "1", "-screen", "0", "1600x1200x24"
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    with running(*screen, "-nolisten", "tcp", **quiet) as display:
        shown = os.environ | {"DISPLAY": f":{display.stdout.readline().strip()}"}
        with running(driver, f"--port={port}", env=shown, stderr=subprocess.DEVNULL):
            browser = until(lambda: attempt(WebKit, port))
            yield browser
            browser.call("DELETE", "")
