"""The explorer as a process of its own, and a headless browser that reaches nothing else."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError


@dataclass
class Explorer:
    """A running explorer."""

    process: subprocess.Popen[str]
    url: str

    def send(self, path: str, body: Any = None, **headers: str) -> tuple[int, Any, Any]:
        """Return status, headers and body of a request; a body that is given is posted."""
        raw = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        given = {k.replace("_", "-"): v for k, v in headers.items()}
        if raw is not None:
            given.setdefault("content-type", "application/json")
        request = urllib.request.Request(self.url + path.lstrip("/"), raw, given)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:  # noqa: S310
                return reply.status, reply.headers, _parsed(reply)
        except HTTPError as error:
            return error.code, error.headers, _parsed(error)

    def stop(self) -> int:
        """Press Ctrl-C and return the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=30)


def _parsed(reply: Any) -> Any:
    text = reply.read()
    return json.loads(text) if "json" in reply.headers.get("content-type", "") else text


@contextmanager
def explorer(folder: Path, *options: str) -> Iterator[Explorer]:
    """Start the explorer in a folder, on any free port."""
    command = [
        sys.executable,
        "-m",
        "sco_network",
        "explore",
        "--port",
        "0",
        "--no-browser",
        *options,
    ]
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    said = ""
    try:
        for line in process.stderr:
            said += line
            if found := re.search(r"http://\S+/", line):
                yield Explorer(process, found[0])
                return
        raise AssertionError(f"the explorer did not start: {said}")
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stderr.close()


CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")


@dataclass
class Browser:
    """Headless Chromium that can reach this machine alone."""

    driver: Any
    requests: list[str] = field(default_factory=list)

    def size(self, width: int, height: int) -> None:
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500},
        )

    def open(self, url: str) -> None:
        """Open a page and wait for its first answer."""
        self.driver.get("about:blank")
        self.driver.get(url)
        self.wait("document.body.dataset.turn")

    def js(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def wait(self, condition: str, seconds: float = 60) -> Any:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := self.js(f"return {condition}"):
                return found
            time.sleep(0.02)
        raise AssertionError(f"never came true: {condition}; console: {self.console()}")

    def act(self, script: str, *arguments: Any) -> int:
        """Do something that asks a question; return milliseconds until all is painted."""
        turn = self.js("return Number(document.body.dataset.turn)")
        self.js(script, *arguments)
        self.wait(f"Number(document.body.dataset.turn) > {turn}")
        return int(self.js("return document.body.dataset.ms"))

    def click(self, selector: str) -> int:
        return self.act("document.querySelector(arguments[0]).click()", selector)

    def enter(self, selector: str, value: str, event: str = "change") -> int:
        script = "const e = document.querySelector(arguments[0]); e.value = arguments[1]; e.dispatchEvent(new Event(arguments[2]))"
        return self.act(script, selector, value, event)

    def text(self, selector: str) -> str:
        return self.js("return document.querySelector(arguments[0]).innerText", selector)

    def console(self) -> list[str]:
        """Return what the console said since last asked, but for notes."""
        return [e["message"] for e in self.driver.get_log("browser") if e["level"] == "SEVERE"]

    def asked_for(self) -> list[str]:
        """Return every address that was asked for since last asked."""
        events = (json.loads(e["message"])["message"] for e in self.driver.get_log("performance"))
        return [
            e["params"]["request"]["url"]
            for e in events
            if e["method"] == "Network.requestWillBeSent"
        ]


@contextmanager
def chromium(profile: Path) -> Iterator[Browser]:
    """Start a browser with an empty profile and no network but the loopback."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for flag in (
        "headless=new", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run",
        "disable-background-networking", "disable-component-update", "disable-sync",
        "host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", f"user-data-dir={profile}",
    ):  # fmt: skip
        options.add_argument(f"--{flag}")
    options.add_experimental_option("prefs", {"download.default_directory": str(profile)})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    try:
        yield Browser(driver)
    finally:
        driver.quit()
