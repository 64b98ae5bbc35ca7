"""JupyterLab as `python3 start.py` opens it, and Chromium without a window to look at it with.

Screenshots are kept in tests/browser/screenshots/.
"""

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

import start

ROOT = Path(__file__).resolve().parents[1]
SCREENSHOTS = ROOT / "tests" / "browser" / "screenshots"
SETTINGS = ROOT / "minigrad" / "study" / "jupyterlab" / "minigrad.json"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
]


# In the page: the notebook is the one in front, and its kernel waits for work; and, every cell has been run.
READY = """() => {
    const notebook = globalThis.jupyterapp?.shell.currentWidget;
    return notebook?.context?.isReady && notebook.sessionContext?.session?.kernel?.status == "idle";
}"""
RAN = """() => [...document.querySelectorAll(".jp-CodeCell .jp-InputPrompt")].every(p => /[0-9]/.test(p.textContent))"""


@contextlib.contextmanager
def running(folder, home):
    """A Lab on `folder`, which gets copies of the lessons; `home` is for settings and logs."""
    from playwright.sync_api import sync_playwright

    SCREENSHOTS.mkdir(exist_ok=True)
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    for plugin, settings in json.loads(SETTINGS.read_text()).items():  # as they are installed with the package
        package, _, name = plugin.partition(":")
        file = home / "settings" / package / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(settings))

    port = free_port()
    command, env = how_start_opens_it()
    env |= {"HOME": str(home), "JUPYTER_CONFIG_DIR": str(home), "IPYTHONDIR": str(home), "MINIGRAD_PROGRESS": "off"}
    env["PYTHONPATH"] = str(ROOT)
    words = [
        *("--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token=", "--ServerApp.password="),
        *(f"--ServerApp.root_dir={folder}", f"--LabApp.user_settings_dir={home / 'settings'}"),
        "--LabApp.expose_app_in_browser=True",
    ]
    with (home / "lab.log").open("w") as log:
        server = subprocess.Popen([*command, *words], env=env, cwd=folder, stdout=log, stderr=log)
    url = f"http://localhost:{port}"
    try:
        wait_for(url, server, home / "lab.log")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
            yield Lab(folder, url, browser)
            browser.close()
    finally:
        server.terminate()
        server.wait(20)


class Lab:
    """A running JupyterLab, the folder it shows, and a browser."""

    def __init__(self, folder, url, browser):
        self.folder, self.url, self.browser = folder, url, browser

    def notebook(self, name, *cells):
        """Write a notebook of these cells."""
        notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, self.folder / name)
        return name

    @contextlib.contextmanager
    def page(self, name, theme="JupyterLab Light", height=1000):
        """A Page with this notebook open. At the end: nothing was asked of the network, and nothing complained."""
        page = self.browser.new_page(viewport={"width": 1250, "height": height})
        page.set_default_timeout(15_000)
        errors, outside = [], []
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: outside.append(request.url) if not own(request.url, self.url) else None)
        page.goto(f"{self.url}/lab/tree/{name}?reset")
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
        page.wait_for_function(READY, timeout=60_000)
        page.evaluate("theme => void jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
        light = str("Light" in theme).lower()
        page.wait_for_selector(f"body[data-jp-theme-light={light}]", state="attached", timeout=20_000)
        try:
            yield page
            assert errors == []
            assert outside == []
        finally:
            page.close()


def own(url, server):
    return url.startswith((server, server.replace("http", "ws"), "data:", "blob:"))


def how_start_opens_it():
    """(command, environment) with which start.py becomes JupyterLab, on the Python that runs these tests."""
    seen = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(start, "become", lambda *how: seen.append(how))
        start.open_lab([])
    ((command, env),) = seen
    env = {name: value for name, value in env.items() if name != "CI"}
    return [sys.executable, *command[1:]], env


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(url, server, log):
    for _ in range(120):
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(f"{url}/api", timeout=2)
            return
        assert server.poll() is None, log.read_text()
        time.sleep(0.5)
    raise AssertionError(log.read_text())


def run_all(page, widgets=0, seconds=120):
    """Run every cell, and wait for the end and for the widgets that are to be there then."""
    page.evaluate("void jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    page.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_function(RAN, timeout=seconds * 1000)
    page.wait_for_function(READY, timeout=seconds * 1000)
    page.wait_for_function(f"() => document.querySelectorAll('.mg .mg-bar').length >= {widgets}", timeout=20_000)


def shot(page, name):
    page.screenshot(path=SCREENSHOTS / f"{name}.png")
