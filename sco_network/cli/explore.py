"""The command that opens the explorer: explore."""

from __future__ import annotations

import os
import sys

import click

from sco_network.api import Network, Scenario
from sco_network.model import library
from sco_network.model.folders import scenario_folder

from .options import say, shared, split


@click.command()
@click.option("--port", default=8137, show_default=True, help="0 takes any free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@shared("data", "scenarios", "by", "modes")
def explore(
    port: int,
    host: str,
    no_browser: bool,
    data: str | None,
    folder: str | None,
    by: str,
    modes: str | None,
) -> None:
    """Open a page on this machine where proposals are switched on and off."""
    from rich.console import Console

    from sco_network.analysis.whatif import Question, WhatIf
    from sco_network.output.explorer.app import Desk, address, create_app, listen, serve

    with listen(host, port) as listening:
        given = {} if modes is None else {"modes": split(modes)}
        start = Question.of({"by": by, **given})
        network = Network.load(data)
        scenarios = library.read_all(scenario_folder(folder), Scenario)
        with Console(stderr=True).status(f"Preparing {len(scenarios)} scenarios …"):
            whatif = WhatIf(network, scenarios)
            whatif.gains(start)
            desk = Desk(whatif, start)
            app = create_app(desk, host)
            size = len(desk.atlas)
        say(f"The explorer is at {address(listening)} ({size / 2**20:.1f} MB). Ctrl-C ends it.")
        if host not in {"127.0.0.1", "::1", "localhost"}:
            say(f"Listening on {host}: other machines may reach it.")
        if not no_browser and _has_screen():
            import webbrowser

            webbrowser.open(address(listening))
        try:
            serve(app, listening)
        except KeyboardInterrupt:
            say("The explorer has ended.")


def _has_screen() -> bool:
    """Whether a browser can open a window; a text browser would take over the terminal."""
    return sys.platform in {"darwin", "win32"} or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
